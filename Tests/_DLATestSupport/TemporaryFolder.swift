import Foundation

/// A folder that is removed when its owner is.
public final class TemporaryFolder: Sendable {
  /// The folder.
  public let url: URL

  /// Makes an empty folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "dla-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  public func path(_ name: String) -> String { url.appending(path: name).path }
}

extension TemporaryFolder {
  /// Writes a file, with the folders above it.
  ///
  /// - Parameters:
  ///   - bytes: its content.
  ///   - name: its path in this folder.
  /// - Returns: its path.
  /// - Throws: the error of Foundation.
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
  /// - Throws: the error of Foundation.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(text.utf8, to: name)
  }
}
