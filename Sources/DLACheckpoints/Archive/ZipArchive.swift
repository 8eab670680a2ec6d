import DLAText

/// The files in a zip archive.
///
/// PyTorch stores its files without compression, so they are lent from where they lie; compressed
/// ones are unpacked, together to little more than the archive's own size. Checksums are not
/// computed, as PyTorch does not: they would take longer than all else.
struct ZipArchive {
  /// One file of the archive.
  struct Member {
    /// The path, as the archive has it.
    let name: String
    let content: StoredTensor.Part
  }

  private(set) var members: [Member] = []

  private static let maxMembers = 1 << 16
  private static let longestName = 1024
  /// Bytes that files may take unpacked beyond the size of the archive.
  static let unpackedExtra = 1 << 20

  /// Reads the directory and finds or unpacks every file; `file` outlives the members.
  ///
  /// - Throws: `Fault` if it is not sound.
  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    let reader = try ZipReader(file)
    var names: Set<ExactText> = []
    var room = file.count + Self.unpackedExtra
    while let (name, size) = try reader.nextFile() {
      guard members.count < Self.maxMembers else {
        throw Fault("the zip archive has more than \(Self.maxMembers) files")
      }
      // As bytes: text of combining marks would take time with the square of its length.
      let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard name.utf8.count <= Self.longestName,
        !parts.contains(where: { $0.elementsEqual("..".utf8) }), parts.first?.isEmpty == false
      else {
        throw Fault(
          "the zip archive holds a file named \(printable(name)), a short relative name is expected"
        )
      }
      guard names.insert(ExactText(name)).inserted else {
        throw Fault("the zip archive holds \(printable(name)) twice")
      }
      let content = try Self.content(of: reader, name: name, size: size, room: room)
      if case .memory(_, let range) = content { room -= range.count }
      members.append(Member(name: name, content: content))
    }
  }

  /// The bytes of the file that the reader stands at.
  private static func content(
    of reader: ZipReader, name: String, size: Int, room: Int
  ) throws(Fault) -> StoredTensor.Part {
    guard let first = try reader.nextBlock(of: name) else { return .memory(ByteCopy([]), 0..<0) }
    if let start = reader.range(of: first)?.lowerBound {
      var end = start + first.count
      while let block = try reader.nextBlock(of: name) {
        guard reader.range(of: block)?.lowerBound == end else {
          throw Fault("the zip archive's \(printable(name)) is not contiguous")
        }
        end += block.count
      }
      return .file(start..<end)
    }
    guard (0...room).contains(size) else {
      throw Fault(
        "the zip archive's \(printable(name)) is larger than the archive once it is unpacked; "
          + "PyTorch stores files without compression", code: .unsupported)
    }
    let copy = try ByteCopy(count: size) { target throws(Fault) in
      var end = 0
      var next: UnsafeRawBufferPointer? = first
      while let block = next {
        guard block.count <= size - end else { break }
        UnsafeMutableRawBufferPointer(rebasing: target[end..<end + block.count])
          .copyMemory(from: block)
        end += block.count
        next = try reader.nextBlock(of: name)
      }
      guard next == nil, end == size else {
        throw Fault("the zip archive's \(printable(name)) has not the \(size) bytes it claims")
      }
    }
    return .memory(copy, 0..<size)
  }
}
