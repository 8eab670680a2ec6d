import DLASystem

/// Kernels that were compiled before, as files.
///
/// A driver trusts machine code, so a file that is not whole is not used: it begins with the hash of
/// the rest. The folder is the user's own.
struct KernelCache: Sendable {
  private let files: CacheFolder

  /// Keeps kernels in a folder, where `cuda` is made with the first file.
  init(folder: String) {
    files = CacheFolder(path: "\(folder)/cuda", suffix: ".cubin", limit: 256 << 20)
  }

  /// What was compiled with these options from this source; nil if nothing was, or it is not whole.
  func binary(_ source: String, _ options: [String]) -> [UInt8]? {
    let name = Self.name(source, options)
    guard let file = files.file(name) else { return nil }
    let content = withExtendedLifetime(file) { Array($0.bytes) }
    let binary = Array(content.dropFirst(8))
    // Drivers take what does not begin so for text that ends with a zero.
    guard binary.starts(with: [0x7F] + Array("ELF".utf8)),
      Array(content.prefix(8)) == Self.hash(binary)
    else { return nil }
    files.touch(name)
    return binary
  }

  func save(_ binary: [UInt8], _ source: String, _ options: [String]) {
    Self.hash(binary).withUnsafeBytes { hash in
      binary.withUnsafeBytes { binary in
        _ = files.save(Self.name(source, options), [hash, binary])
      }
    }
  }

  private static func name(_ source: String, _ options: [String]) -> String {
    let text = ([source] + options).joined(separator: "\0")
    return String(Array(text.utf8).withUnsafeBytes { xxHash64($0) }, radix: 16)
  }

  private static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let hash = bytes.withUnsafeBytes { xxHash64($0) }
    return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
  }
}
