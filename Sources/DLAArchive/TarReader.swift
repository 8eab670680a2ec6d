import CDLAArchive
import DLASystem
import DLAText

package struct ArchiveError: Error, Sendable, CustomStringConvertible {
  /// A few words without the archive's name: what was found, what to do.
  package let description: String
}

/// A tar archive, plain or compressed by gzip, bzip2, xz or zstd, read from the disk file after file by libarchive.
///
/// Nothing is unpacked to disk; only a block of the archive and the requested file are in
/// memory. Whatever the archive claims is believed only as far as its bytes go.
package final class TarReader {
  private let library: dla_archive_functions
  private let archive: OpaquePointer

  private static let block = 256 << 10
  /// The initial size of `read`'s buffer; a claimed size may be wrong.
  private static let firstRead = 64 << 10
  private static let fileTypes: mode_t = 0o170000
  private static let regularFile: mode_t = 0o100000

  /// Opens an archive.
  ///
  /// - Throws: `ArchiveError` if it can't be opened or is no tar archive.
  package init(path: String) throws(ArchiveError) {
    // libarchive would wait at a pipe.
    switch Folder.kind(of: path) {
    case .file: break
    case nil: throw ArchiveError(description: "there is no such file")
    default: throw ArchiveError(description: "is not a regular file")
    }
    guard let library = ArchiveLibrary.shared?.functions else {
      throw ArchiveError(description: "tar files are read by libarchive; \(ArchiveLibrary.remedy)")
    }
    guard let archive = library.read_new() else {
      throw ArchiveError(description: "memory is refused")
    }
    (self.library, self.archive) = (library, archive)
    _ = library.read_support_format_tar(archive)
    if let compression = Self.compression(of: path) {
      let status =
        switch compression {
        case .gzip: library.read_support_filter_gzip(archive)
        case .bzip2: library.read_support_filter_bzip2(archive)
        case .xz: library.read_support_filter_xz(archive)
        case .zstd: library.read_support_filter_zstd(archive)
        }
      // A warning means that another program would be run for it.
      guard status == DLA_ARCHIVE_OK else {
        throw ArchiveError(
          description: "is compressed by \(compression), which this libarchive doesn't read; "
            + "compress it by gzip")
      }
    }
    guard library.read_open_filename(archive, PathText.bytes(path), Self.block) == DLA_ARCHIVE_OK
    else { throw error() }
  }

  /// The ways in which a whole archive may be compressed.
  package enum Compression: CaseIterable {
    case gzip, bzip2, xz, zstd

    /// The first bytes of such files.
    package var magic: [UInt8] {
      switch self {
      case .gzip: [0x1F, 0x8B]
      case .bzip2: Array("BZh".utf8)
      case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]
      case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
      }
    }
  }

  private static func compression(of path: String) -> Compression? {
    guard let head = try? ByteStream.bytes(ofFile: path, upTo: 6) else { return nil }
    return Compression.allCases.first { head.starts(with: $0.magic) }
  }

  deinit { _ = library.read_free(archive) }

  /// Steps to the next regular file.
  ///
  /// - Returns: its path; nil after the last one.
  /// - Throws: `ArchiveError` if the archive is not sound, or ends without tar's end mark.
  package func nextFile() throws(ArchiveError) -> String? {
    while true {
      var entry: OpaquePointer?
      let status = library.read_next_header(archive, &entry)
      if status == DLA_ARCHIVE_EOF {
        guard endsInMark else {
          throw ArchiveError(
            description: "the archive ends without its end mark; was it downloaded to its end?")
        }
        return nil
      }
      // A warning is of names or times that this system can't have.
      guard status == DLA_ARCHIVE_OK || status == DLA_ARCHIVE_WARN, let entry else { throw error() }
      guard library.entry_filetype(entry) & Self.fileTypes == Self.regularFile,
        library.entry_hardlink(entry) == nil,
        let name = library.entry_pathname_utf8(entry) ?? library.entry_pathname(entry)
      else { continue }
      return PathText.text(name)
    }
  }

  /// True if something was read where a header would be: an archive cut between two files, which
  /// libarchive takes for a whole one, ends before its empty blocks.
  private var endsInMark: Bool {
    library.filter_bytes(archive, 0) > library.read_header_position(archive)
  }

  /// Reads the current file, `limit` bytes at most.
  ///
  /// - Returns: its bytes; nil if there are more than `limit`.
  /// - Throws: `ArchiveError` if the archive is not sound.
  package func read(limit: Int) throws(ArchiveError) -> [UInt8]? {
    var bytes: [UInt8] = []
    var room = min(Self.firstRead, limit)
    while true {
      var count = 0
      let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        // libarchive gives less only at the end.
        count = library.read_data(archive, buffer.baseAddress, room)
        initialized = max(0, count)
      }
      guard count >= 0 else { throw error() }
      if bytes.isEmpty { bytes = part } else { bytes += part }
      guard count == room else { return bytes }
      guard bytes.count < limit else { return try isAtEnd() ? bytes : nil }
      room = min(bytes.count, limit - bytes.count)
    }
  }

  /// Skips the current file, and fails wherever reading it would.
  ///
  /// - Returns: whether there are no more.
  /// - Throws: `ArchiveError` if the archive is not sound.
  package func passOver(limit: Int) throws(ArchiveError) -> Bool {
    var total = 0
    while total <= limit {
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = library.read_data_block(archive, &block, &count, &offset)
      if status == DLA_ARCHIVE_EOF { return true }
      guard status == DLA_ARCHIVE_OK || status == DLA_ARCHIVE_WARN else { throw error() }
      total += count
    }
    return false
  }

  private func isAtEnd() throws(ArchiveError) -> Bool {
    var byte: UInt8 = 0
    let count = library.read_data(archive, &byte, 1)
    guard count >= 0 else { throw error() }
    return count == 0
  }

  private func error() -> ArchiveError {
    let reason = library.error_string(archive).map { String(cString: $0) } ?? "it is not sound"
    return ArchiveError(
      description:
        "the archive can't be read on (\(printable(reason))); was it downloaded to its end?"
    )
  }
}
