import DLAText

/// The bytes of one file while they are decoded, and the wording of its errors.
struct ImageSource {
  /// The file's name in errors.
  let name: String
  /// The whole content.
  let bytes: UnsafeRawBufferPointer

  /// An error about this file.
  func error(_ code: ImageError.Code, _ message: String) -> ImageError {
    ImageError(code, "\(printablePath(name)): \(message)")
  }

  /// Refuses an image of no pixels or of too many; decoding takes `workingBytes` a pixel besides
  /// the image.
  ///
  /// - Throws: ``ImageError`` with code `corrupt` or `tooLarge`.
  func checkSize(
    of kind: String, width: Int, height: Int, workingBytes: Int = 0
  ) throws(ImageError) {
    guard width > 0, height > 0 else {
      throw error(.corrupt, "the \(kind) header says \(width)×\(height) pixels; is it damaged?")
    }
    let pixels = min(ImageLimits.pixels, ImageLimits.decodingBytes / (3 + workingBytes))
    guard width <= ImageLimits.side, height <= ImageLimits.side, width * height <= pixels else {
      throw error(
        .tooLarge,
        "the image is \(width)×\(height); at most \(ImageLimits.side) pixels a side and "
          + "\(pixels) in all are read of a \(kind), so make it smaller first")
    }
  }

  /// True if the bytes at `offset` are `pattern`.
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
