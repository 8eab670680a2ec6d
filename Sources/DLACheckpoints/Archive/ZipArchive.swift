import DLACore

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

  private static let mostMembers = 1 << 16
  /// Bytes that files may take unpacked beyond the size of the archive.
  static let unpackedExtra = 1 << 20

  /// Reads the directory and finds or unpacks every file.
  ///
  /// - Parameter file: the archive; it outlives the members.
  /// - Throws: `Fault` if it is not sound.
  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    let reader = try ZipReader(file)
    var names: Set<ExactText> = []
    var room = file.count + Self.unpackedExtra
    while let name = try reader.nextName() {
      guard members.count < Self.mostMembers else {
        throw Fault("the zip archive has more than \(Self.mostMembers) files")
      }
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(".."), parts.first != "" else {
        throw Fault(
          "the zip archive holds a file named \(printable(name)), a relative one is expected")
      }
      guard names.insert(ExactText(name)).inserted else {
        throw Fault("the zip archive holds \(printable(name)) twice")
      }
      let content = try Self.content(of: reader, name: name, room: room)
      if case .memory(_, let range) = content { room -= range.count }
      members.append(Member(name: name, content: content))
    }
  }

  /// The bytes of the file whose name was just read.
  private static func content(
    of reader: ZipReader, name: String, room: Int
  ) throws(Fault) -> StoredTensor.Part {
    var unpacked: [UInt8] = []
    var lent: Range<Int>?
    var isFirst = true
    while let block = try reader.nextBlock(of: name) {
      let range = reader.range(of: block)
      if isFirst || lent != nil && lent?.upperBound == range?.lowerBound {
        // Blocks that follow each other in the file are one piece.
        lent = range.map { (lent?.lowerBound ?? $0.lowerBound)..<$0.upperBound }
      } else if let earlier = lent {
        unpacked = Array(reader.file[earlier])
        lent = nil
      }
      isFirst = false
      guard lent == nil else { continue }
      guard block.count <= room - unpacked.count else {
        throw Fault(
          "the zip archive's \(printable(name)) is larger than the archive once it is unpacked; "
            + "PyTorch stores files without compression", code: .unsupported)
      }
      unpacked += block
    }
    if let lent { return .file(lent) }
    return .memory(ByteCopy(unpacked), unpacked.indices)
  }
}
