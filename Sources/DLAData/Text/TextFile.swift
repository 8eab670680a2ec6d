import DLASystem
import DLAText

/// A mapped text file that is passed from start to end, whose pages are given back behind the reader.
final class TextFile: Sendable {
  let path: String
  private let file: MappedFile

  /// Bytes that are passed before their pages are given back.
  private static let chunk = 4 << 20

  init(path: String) throws(DatasetError) {
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw DatasetError("\(printablePath(error.path)): \(error.reason)")
    }
    self.path = path
  }

  var bytes: UnsafeRawBufferPointer { file.bytes }

  /// The start of the text, after a byte order mark if there is one.
  var start: Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// A hash of the whole file.
  var fingerprint: UInt64 { xxHash64(bytes) { file.releasePages(of: $0) } }

  /// Notes that everything before a position was read; cheap to call often.
  func pass(_ position: Int, released: inout Int) {
    guard position - released >= Self.chunk else { return }
    file.releasePages(of: released..<position)
    released = position
  }
}

/// The start of a record of a text file.
struct TextPlace: Sendable {
  /// The position of its first byte.
  var offset: Int
  /// The line it begins in, counted from 1.
  var line: Int
}

/// Text that lies in a file.
///
/// - Returns: nil if it is not UTF-8 or holds a zero byte, which no path and no label does.
func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String? {
  bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
}
