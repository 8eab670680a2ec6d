import CNettle
import DLASystem

/// The SHA-256 hash of bytes (FIPS 180-4), computed by libnettle.
package struct SHA256 {
  private var context = sha256_ctx()

  /// The hash of no bytes.
  package init() { nettle_sha256_init(&context) }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    nettle_sha256_update(&context, bytes.count, base.assumingMemoryBound(to: UInt8.self))
  }

  /// The hash of all bytes as 64 lowercase hexadecimal digits.
  package func hexadecimal() -> String {
    var context = context
    var digest = [UInt8](repeating: 0, count: 32)
    dla_sha256_digest(&context, &digest)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Hashes a file and releases its pages.
  ///
  /// - Returns: 64 lowercase hexadecimal digits.
  package static func hash(of file: MappedFile) -> String {
    var hash = SHA256()
    for start in stride(from: 0, to: file.bytes.count, by: 1 << 20) {
      let range = start..<min(start + (1 << 20), file.bytes.count)
      hash.append(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
      file.releasePages(of: range)
    }
    return hash.hexadecimal()
  }
}

/// The expected SHA-256 of a file, or its first digits as in the file names of PyTorch's hub.
package struct ExpectedHash: Sendable, Equatable, CustomStringConvertible {
  /// 8 to 64 lowercase hexadecimal digits.
  package let digits: String

  /// The digits; an ellipsis marks an incomplete hash.
  package var description: String { digits.utf8.count == 64 ? digits : "\(digits)…" }

  /// Parses 8 to 64 hexadecimal digits of either case.
  package init?(_ text: String) {
    let text = text.lowercased()
    guard (8...64).contains(text.utf8.count),
      text.utf8.allSatisfy({ ("0"..."9").contains($0.scalar) || ("a"..."f").contains($0.scalar) })
    else { return nil }
    digits = text
  }

  /// True if a complete hash is the expected one.
  package func matches(_ hash: String) -> Bool { hash.hasPrefix(digits) }
}

extension UInt8 {
  /// The character of ASCII or Latin-1.
  fileprivate var scalar: Unicode.Scalar { Unicode.Scalar(self) }
}
