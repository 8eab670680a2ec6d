import Foundation

extension TemporaryFolder {
  /// Writes a file, with the folders above it.
  ///
  /// - Parameters:
  ///   - bytes: its content.
  ///   - name: its path in this folder.
  /// - Returns: its path.
  /// - Throws: what the system says against it.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// Writes a text file, with the folders above it.
  ///
  /// - Parameters:
  ///   - text: its content.
  ///   - name: its path in this folder.
  /// - Returns: its path.
  /// - Throws: what the system says against it.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(text.utf8, to: name)
  }
}
