#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The text of paths, which are bytes to the system, and not always UTF-8.
///
/// A byte that belongs to no UTF-8 text becomes a scalar of the last private plane, U+10FE00 plus
/// the byte, and so do the bytes of these scalars themselves. So every path has one text, which
/// gives its bytes back.
package enum PathText {
  private static let escapes: ClosedRange<UInt32> = 0x10FE80...0x10FEFF
  /// The first byte of such scalars in UTF-8, which hardly any text contains.
  private static let lead: UInt8 = 0xF4

  /// The text of a path.
  package static func text(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(lead) {
      return text
    }
    var scalars = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var rest = bytes[...]
    while true {
      let length: Int
      switch parser.parseScalar(from: &iterator) {
      case .emptyInput: return String(scalars)
      case .error(let count): length = count
      case .valid(let encoded):
        length = encoded.count
        let scalar = Unicode.UTF8.decode(encoded)
        guard escapes.contains(scalar.value) else {
          scalars.append(scalar)
          rest = rest.dropFirst(length)
          continue
        }
      }
      scalars.append(
        contentsOf: rest.prefix(length).compactMap { Unicode.Scalar(0x10FE00 | UInt32($0)) })
      rest = rest.dropFirst(length)
    }
  }

  /// The text of a path that ends in a zero byte.
  package static func text(_ path: UnsafePointer<CChar>) -> String {
    text(UnsafeRawBufferPointer(start: path, count: strlen(path)))
  }

  /// The bytes of a path for the system, with a zero byte behind them.
  package static func bytes(_ path: String) -> [CChar] {
    guard path.utf8.contains(lead) else { return Array(path.utf8CString) }
    var bytes: [CChar] = []
    for scalar in path.unicodeScalars {
      if let byte = byte(scalar) {
        bytes.append(CChar(bitPattern: byte))
      } else {
        bytes += UTF8.encode(scalar).map { $0.map { CChar(bitPattern: $0) } } ?? []
      }
    }
    return bytes + [0]
  }

  /// The byte that a scalar of a path stands for; nil for one that is text.
  package static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    escapes.contains(scalar.value) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  /// A path for people and files of results: bytes that are no text are written as `\xB9`.
  package static func shown(_ path: String) -> String {
    guard path.utf8.contains(lead) else { return path }
    return path.unicodeScalars.reduce(into: "") { text, scalar in
      if let byte = byte(scalar) {
        text += "\\x" + String(byte, radix: 16, uppercase: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// True if a name comes before another in the order of their bytes, which is Python's too but for
  /// bytes that are no text; those come as Python's `surrogateescape` sorts them.
  package static func precedes(_ a: String, _ b: String) -> Bool {
    guard a.utf8.contains(lead) || b.utf8.contains(lead) else {
      return a.utf8.lexicographicallyPrecedes(b.utf8)
    }
    func place(_ scalar: Unicode.Scalar) -> UInt32 {
      byte(scalar).map { 0xDC00 | UInt32($0) } ?? scalar.value
    }
    return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) { place($0) < place($1) }
  }
}
