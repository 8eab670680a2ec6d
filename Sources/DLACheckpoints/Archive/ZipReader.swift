import CDLAArchive
import DLAArchive
import DLAText

/// A zip archive in memory, read by libarchive file after file.
///
/// Nothing is copied on the way there, and where a file is stored without compression libarchive
/// lends its bytes from where they are.
final class ZipReader {
  let file: UnsafeRawBufferPointer
  private let library: dla_archive_functions
  private let archive: OpaquePointer

  private var position = 0
  /// True while the directory is read, of which libarchive keeps four times as much in memory.
  private var isInDirectory = true
  private var directoryRoom = ZipReader.largestDirectory

  private static let largestDirectory = 2 << 20
  private static let directoryBlock = 1 << 16

  /// Opens an archive; `file` outlives the reader.
  ///
  /// - Throws: `Fault` if it is none, or libarchive is not there.
  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    guard let library = ArchiveLibrary.shared?.functions else {
      throw Fault(
        "PyTorch's zip files are read by libarchive; \(ArchiveLibrary.remedy)", code: .unsupported)
    }
    guard let archive = library.read_new() else { throw Fault("memory is refused") }
    (self.file, self.library, self.archive) = (file, library, archive)
    _ = library.read_support_format_zip_seekable(archive)
    _ = library.read_set_format_option(archive, "zip", "ignorecrc32", "1")
    setCallbacks()
    guard library.read_open1(archive) == DLA_ARCHIVE_OK else { throw fault() }
  }

  deinit { _ = library.read_free(archive) }

  /// Steps to the next file.
  ///
  /// - Returns: its path and the bytes it claims to have; nil after the last one.
  /// - Throws: `Fault` if the archive is not sound.
  func nextFile() throws(Fault) -> (name: String, size: Int)? {
    var entry: OpaquePointer?
    let status = library.read_next_header(archive, &entry)
    if status == DLA_ARCHIVE_EOF { return nil }
    guard status == DLA_ARCHIVE_OK, let entry else { throw fault() }
    isInDirectory = false
    guard library.entry_is_encrypted(entry) == 0 else {
      throw Fault("the zip archive is encrypted; unpack it first", code: .unsupported)
    }
    guard let path = library.entry_pathname_utf8(entry) ?? library.entry_pathname(entry) else {
      throw Fault("the zip archive holds a file whose name can't be read")
    }
    return (String(cString: path), Int(library.entry_size(entry)))
  }

  /// Reads on in the file.
  ///
  /// - Returns: some of its bytes, valid until the next call; nil after the last ones.
  /// - Throws: `Fault` if it is not sound.
  func nextBlock(of name: String) throws(Fault) -> UnsafeRawBufferPointer? {
    while true {
      var address: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = library.read_data_block(archive, &address, &count, &offset)
      if status == DLA_ARCHIVE_EOF { return nil }
      guard status == DLA_ARCHIVE_OK else { throw fault(reading: name) }
      if count > 0 { return UnsafeRawBufferPointer(start: address, count: count) }
    }
  }

  /// The range of bytes in the archive; nil if libarchive has copied or unpacked them.
  func range(of bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let start = bytes.baseAddress, let begin = file.baseAddress, start >= begin,
      start - begin <= file.count - bytes.count
    else { return nil }
    return start - begin..<start - begin + bytes.count
  }

  private func fault(reading name: String? = nil) -> Fault {
    guard directoryRoom >= 0 else {
      return Fault("the zip archive's directory takes more than \(Self.largestDirectory >> 20) MB")
    }
    let reason = library.error_string(archive).map { String(cString: $0) } ?? "it is not sound"
    let place = name.map { "\(printable($0)) in the zip archive" } ?? "the zip archive"
    return Fault("\(place) can't be read: \(printable(reason)); was it downloaded to its end?")
  }
}

// MARK: - Callbacks of libarchive

extension ZipReader {
  private func setCallbacks() {
    // Unretained: the archive, which alone calls back, is freed in `deinit`.
    _ = library.read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    _ = library.read_set_read_callback(archive) { _, context, address in
      guard let reader = ZipReader.from(context), let block = reader.nextBytes() else {
        return DLA_ARCHIVE_FATAL
      }
      address?.pointee = block.baseAddress
      return block.count
    }
    _ = library.read_set_skip_callback(archive) { _, context, count in
      Int64(ZipReader.from(context)?.skip(Int(count)) ?? 0)
    }
    _ = library.read_set_seek_callback(archive) { _, context, offset, origin in
      Int64(ZipReader.from(context)?.seek(Int(offset), from: origin) ?? DLA_ARCHIVE_FATAL)
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> ZipReader? {
    context.map { Unmanaged<ZipReader>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The next bytes; nil if the directory is larger than any that is read.
  private func nextBytes() -> UnsafeRawBufferPointer? {
    var count = file.count - position
    if isInDirectory {
      count = min(count, Self.directoryBlock)
      directoryRoom -= count
      guard directoryRoom >= 0 else { return nil }
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: file[position..<position + count])
  }

  private func skip(_ count: Int) -> Int {
    let step = max(0, min(count, file.count - position))
    position += step
    return step
  }

  /// Moves as `lseek` does: origin 0 is the start, 1 the position, 2 the end.
  private func seek(_ offset: Int, from origin: Int32) -> Int? {
    let base = origin == 0 ? 0 : origin == 1 ? position : file.count
    let (target, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, target >= 0 else { return nil }
    position = min(target, file.count)
    return position
  }
}
