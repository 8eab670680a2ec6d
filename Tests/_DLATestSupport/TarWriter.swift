/// Writes tar archives (POSIX ustar) in memory, also invalid ones.
public struct TarWriter {
  /// The members so far, without the two empty blocks that end an archive.
  public private(set) var bytes: [UInt8] = []

  private static let block = 512

  /// Makes an empty archive.
  public init() {}

  /// Adds a member.
  ///
  /// - Parameters:
  ///   - path: its name, of 100 bytes at most.
  ///   - contents: its bytes.
  ///   - size: the size in the header; nil for the correct one.
  ///   - kind: the header's type: `0` is a regular file, `1` a hard link, `2` a link, `5` a folder.
  public mutating func add(
    _ path: String, _ contents: [UInt8], claiming size: Int? = nil, kind: Character = "0"
  ) {
    precondition(path.utf8.count <= 100, "\(path) is too long for a header")
    var header = [UInt8](repeating: 0, count: Self.block)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(path, at: 0)
    put("0000644\0" + "0000000\0" + "0000000\0", at: 100)
    put(Self.octal(size ?? contents.count, digits: 11) + "\0" + "00000000000\0", at: 124)
    put("        \(kind)", at: 148)
    put("ustar\0" + "00", at: 257)
    put(Self.octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
    bytes += header + contents
    bytes += [UInt8](repeating: 0, count: (Self.block - contents.count % Self.block) % Self.block)
  }

  /// The whole archive.
  public var archive: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

/// A gzip file (RFC 1952) of stored blocks.
public func gzip(_ bytes: [UInt8]) -> [UInt8] {
  func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  let longest = 0xFFFF
  for start in stride(from: 0, to: max(1, bytes.count), by: longest) {
    let part = bytes[start..<min(start + longest, bytes.count)]
    let isLast = start + longest >= bytes.count
    file += [isLast ? 1 : 0] + littleEndian(part.count, 2) + littleEndian(~part.count, 2) + part
  }
  return file + littleEndian(Int(crc32(bytes)), 4) + littleEndian(bytes.count, 4)
}

/// The checksum of gzip, zip and PNG.
public func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~UInt32(0)) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
