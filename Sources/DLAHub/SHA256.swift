import CNettle
import DLASystem

/// The SHA-256 hash of bytes (FIPS 180-4), computed by libnettle.
package struct SHA256 {
  private var context = sha256_ctx()

  /// The hash of nothing yet.
  package init() { nettle_sha256_init(&context) }

  /// Takes in bytes.
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

  /// Hashes a whole file, whose pages are given back on the way.
  ///
  /// - Parameter file: the file.
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

/// What a file's SHA-256 is known to be: all of it or, as names of PyTorch's files have it, its start.
package struct ExpectedHash: Sendable, Equatable, CustomStringConvertible {
  /// 8 to 64 lowercase hexadecimal digits.
  package let digits: String

  /// The digits, with dots where there are more.
  package var description: String { digits.utf8.count == 64 ? digits : "\(digits)…" }

  /// Takes digits in any case; nil for anything but 8 to 64 hexadecimal ones.
  ///
  /// - Parameter text: the digits.
  package init?(_ text: String) {
    let text = text.lowercased()
    guard (8...64).contains(text.utf8.count),
      text.utf8.allSatisfy({ ("0"..."9").contains($0.scalar) || ("a"..."f").contains($0.scalar) })
    else { return nil }
    digits = text
  }

  /// Whether a whole hash is the expected one.
  package func matches(_ hash: String) -> Bool { hash.hasPrefix(digits) }
}

extension UInt8 {
  /// The character of ASCII or Latin-1.
  fileprivate var scalar: Unicode.Scalar { Unicode.Scalar(self) }
}
