import CArchive
import DLACore

/// The files in a zip archive, by libarchive.
///
/// PyTorch stores its files without compression, so they are lent from where they lie; compressed
/// ones are unpacked, together to little more than the archive's own size. Checksums are not computed,
/// as PyTorch does not: they would take longer than all else.
struct ZipArchive {
  /// One file of the archive.
  struct Member {
    /// The path, as the archive has it.
    let name: String
    let content: StoredTensor.Part
  }

  let members: [Member]

  /// libarchive keeps four times what it reads of the directory; this many files are far from usual.
  private static let largestDirectory = 2 << 20
  private static let mostMembers = 1 << 16
  /// Bytes that files may take unpacked beyond the size of the archive.
  static let unpackedExtra = 1 << 20

  /// Reads the directory and finds or unpacks every file.
  ///
  /// - Parameter file: the archive; it outlives the members.
  /// - Throws: `Fault` if it is not sound.
  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    guard let archive = archive_read_new() else { throw Fault("memory is refused") }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip_seekable(archive)
    archive_read_set_format_option(archive, "zip", "ignorecrc32", "1")
    let source = Source(file, directoryLimit: Self.largestDirectory)
    members = try withExtendedLifetime(source) { () throws(Fault) in
      source.attach(to: archive)
      guard archive_read_open1(archive) == ARCHIVE_OK else { throw Self.fault(archive, source) }
      return try Self.members(of: archive, source)
    }
  }

  private static func members(
    of archive: OpaquePointer, _ source: Source
  ) throws(Fault) -> [Member] {
    var members: [Member] = []
    var names: Set<ExactText> = []
    var unpacked = 0
    while true {
      var entry: OpaquePointer?
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return members }
      guard status == ARCHIVE_OK, let entry else { throw fault(archive, source) }
      source.isInDirectory = false
      guard members.count < mostMembers else {
        throw Fault("the zip archive has more than \(mostMembers) files")
      }
      guard archive_entry_is_encrypted(entry) == 0 else {
        throw Fault("the zip archive is encrypted; unpack it first", code: .unsupported)
      }
      guard let path = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else {
        throw Fault("the zip archive holds a file whose name can't be read")
      }
      let name = String(cString: path)
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(".."), parts.first != "" else {
        throw Fault("the zip archive holds a file named \(printable(name)), a relative one is expected")
      }
      guard names.insert(ExactText(name)).inserted else {
        throw Fault("the zip archive holds \(printable(name)) twice")
      }
      let content = try content(
        of: archive, source, name: name,
        room: source.file.count + unpackedExtra - unpacked)
      if case .memory(_, let range) = content { unpacked += range.count }
      members.append(Member(name: name, content: content))
    }
  }

  /// The bytes of the file whose header was just read.
  private static func content(
    of archive: OpaquePointer, _ source: Source, name: String, room: Int
  ) throws(Fault) -> StoredTensor.Part {
    var unpacked: [UInt8] = []
    var isFirst = true
    var lent: Range<Int>?
    while true {
      var address: UnsafeRawPointer?
      var count = 0
      var position: la_int64_t = 0
      let status = archive_read_data_block(archive, &address, &count, &position)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK else { throw fault(archive, source, reading: name) }
      let bytes = UnsafeRawBufferPointer(start: address, count: count)
      guard !bytes.isEmpty else { continue }
      if isFirst {
        lent = source.range(of: bytes)
      } else if let earlier = lent {
        // A file in several blocks: one piece only if they follow each other.
        if let range = source.range(of: bytes), range.lowerBound == earlier.upperBound {
          lent = earlier.lowerBound..<range.upperBound
        } else {
          unpacked = Array(source.file[earlier])
          lent = nil
        }
      }
      isFirst = false
      guard lent == nil else { continue }
      guard bytes.count <= room - unpacked.count else {
        throw Fault(
          "the zip archive's \(printable(name)) is larger than the archive once it is "
            + "unpacked; PyTorch stores files without compression", code: .unsupported)
      }
      unpacked += bytes
    }
    if let lent { return .file(lent) }
    let count = unpacked.count
    return .memory(ByteCopy(unpacked), 0..<count)
  }

  private static func fault(
    _ archive: OpaquePointer, _ source: Source, reading name: String? = nil
  ) -> Fault {
    if source.isExhausted {
      return Fault("the zip archive's directory takes more than \(largestDirectory >> 20) MB")
    }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "it is not sound"
    let place = name.map { "\(printable($0)) in the zip archive" } ?? "the zip archive"
    return Fault("\(place) can't be read: \(printable(reason)); was it downloaded to its end?")
  }
}

/// Hands an archive in memory to libarchive without copying it.
private final class Source {
  let file: UnsafeRawBufferPointer
  /// Whether what is read describes files; this is bounded, since libarchive keeps it.
  var isInDirectory = true
  /// Whether more was asked for than the bound allows.
  private(set) var isExhausted = false
  private var position = 0
  private var rest: Int

  private static let directoryBlock = 1 << 16

  init(_ file: UnsafeRawBufferPointer, directoryLimit: Int) {
    self.file = file
    rest = directoryLimit
  }

  /// Where lent bytes lie in the file, nil if libarchive has copied or unpacked them.
  func range(of bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let start = bytes.baseAddress, let begin = file.baseAddress, start >= begin,
      start - begin <= file.count - bytes.count
    else { return nil }
    return start - begin..<start - begin + bytes.count
  }

  func attach(to archive: OpaquePointer) {
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    archive_read_set_read_callback(archive) { archive, data, address in
      guard let source = Source.from(data) else { return -1 }
      let block = source.nextBlock()
      address?.pointee = block.baseAddress
      guard !source.isExhausted else {
        return la_ssize_t(ARCHIVE_FATAL)
      }
      return block.count
    }
    archive_read_set_skip_callback(archive) { _, data, count in
      Source.from(data).map { la_int64_t($0.skip(Int(count))) } ?? 0
    }
    archive_read_set_seek_callback(archive) { _, data, offset, origin in
      guard let source = Source.from(data) else { return la_int64_t(ARCHIVE_FATAL) }
      return la_int64_t(source.seek(Int(offset), from: origin))
    }
  }

  private static func from(_ data: UnsafeMutableRawPointer?) -> Source? {
    data.map { Unmanaged<Source>.fromOpaque($0).takeUnretainedValue() }
  }

  private func nextBlock() -> UnsafeRawBufferPointer {
    var count = file.count - position
    if isInDirectory {
      count = min(count, Self.directoryBlock)
      rest -= count
      isExhausted = rest < 0
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: file[position..<position + count])
  }

  private func skip(_ count: Int) -> Int {
    let step = max(0, min(count, file.count - position))
    position += step
    return step
  }

  private func seek(_ offset: Int, from origin: Int32) -> Int {
    let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? position : file.count
    let (target, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, target >= 0 else { return Int(ARCHIVE_FATAL) }
    position = min(target, file.count)
    return position
  }
}

/// `lseek`'s origins; the third, 2, is the end.
private let (SEEK_SET, SEEK_CUR): (Int32, Int32) = (0, 1)
