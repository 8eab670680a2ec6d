/// Content that servers send instead of a file, detected from its first bytes.
package enum WrongContent {
  /// Names content that is no checkpoint.
  ///
  /// - Returns: for instance `an HTML page titled "Moved"`; nil if it may be a checkpoint.
  package static func name(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard !bytes.isEmpty else { return "an empty file" }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var head = bytes.prefix(4096)
    if head.starts(with: byteOrderMark) { head = head.dropFirst(byteOrderMark.count) }
    head = head.drop { [0x09, 0x0A, 0x0D, 0x20].contains($0) }
    // Lower case to look in, of the same length, since only ASCII changes.
    let lower = head.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    if lower.starts(with: "<!doctype html".utf8) || lower.starts(with: "<html".utf8) {
      return "an HTML page" + (title(Array(head), lower).map { " titled \"\($0)\"" } ?? "")
    }
    if lower.starts(with: "<?xml".utf8) || lower.starts(with: "<error>".utf8) {
      return lower.firstRange(of: Array("<html".utf8)) == nil ? "an XML document" : "an HTML page"
    }
    if lower.starts(with: "<".utf8) { return "text with tags" }
    if lower.starts(with: "version https://git-lfs".utf8) {
      return "a Git LFS pointer, which stands for the file"
    }
    if lower.starts(with: "{".utf8) || lower.starts(with: "[".utf8) { return "JSON text" }
    return nil
  }

  /// The text between `<title>` and the next tag.
  private static func title(_ head: [UInt8], _ lower: [UInt8]) -> String? {
    guard let tag = lower.firstRange(of: Array("<title>".utf8)),
      let end = lower[tag.upperBound...].firstIndex(of: UInt8(ascii: "<"))
    else { return nil }
    let words = head[tag.upperBound..<end].split { $0 <= 0x20 }
    let text = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    return text.isEmpty ? nil : printable(text, limit: 60)
  }
}
