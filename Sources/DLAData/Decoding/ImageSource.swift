/// The bytes of one file while they are decoded, and the wording of its errors.
struct ImageSource {
  /// What the caller calls the file.
  let name: String
  /// The whole content.
  let bytes: UnsafeRawBufferPointer

  /// An error about this file.
  func error(_ code: ImageError.Code, _ message: String) -> ImageError {
    ImageError(code, "\(printable(name)): \(message)")
  }

  /// Refuses a picture of no pixels or of too many.
  func checkSize(_ format: ImageFormat, width: Int, height: Int) throws(ImageError) {
    guard width > 0, height > 0 else {
      throw error(.corrupt, "the \(format) header says \(width)×\(height) pixels; is it damaged?")
    }
    guard width <= ImageLimits.side, height <= ImageLimits.side,
      width * height <= ImageLimits.pixels
    else {
      throw error(
        .tooLarge,
        "the picture is \(width)×\(height); at most \(ImageLimits.side) pixels a side and "
          + "\(ImageLimits.pixels) in all are read, so make it smaller first")
    }
  }

  /// Whether the bytes at `offset` are `pattern`.
  func matches(_ pattern: StaticString, at offset: Int = 0) -> Bool {
    guard offset >= 0, bytes.count - offset >= pattern.utf8CodeUnitCount else { return false }
    return (0..<pattern.utf8CodeUnitCount).allSatisfy {
      bytes[offset + $0] == pattern.utf8Start[$0]
    }
  }

  /// A big-endian number at `offset`, nil past the end.
  func bigEndian16(at offset: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - 2 else { return nil }
    return Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
  }

  /// A big-endian number at `offset`, nil past the end.
  func bigEndian32(at offset: Int) -> Int? {
    guard let high = bigEndian16(at: offset), let low = bigEndian16(at: offset + 2) else {
      return nil
    }
    return high << 16 | low
  }

  /// A little-endian number at `offset`, nil past the end.
  func littleEndian32(at offset: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - 4 else { return nil }
    return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}

/// The text with control characters replaced, so that a message stays on one line.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
    return text
  }
  return String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
}
