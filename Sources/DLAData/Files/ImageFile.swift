import DLASystem
import DLAText

/// The source of an image's bytes, at most `ImageLimits.fileBytes` of each.
public enum ImageFile {
  /// Reads standard input to its end.
  ///
  /// - Returns: its bytes.
  /// - Throws: ``ImageError`` with code `unreadable` or `tooLarge`.
  public static func standardInput() throws(ImageError) -> [UInt8] {
    try bytes(of: .standardInput, limit: ImageLimits.fileBytes)
  }

  /// Reads a stream to its end, which must come after `limit` bytes at most.
  package static func bytes(of stream: ByteStream, limit: Int) throws(ImageError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) {
      // One byte more than the limit shows that it is passed.
      bytes = try stream.bytes(upTo: limit + 1)
    } catch {
      throw ImageError(error)
    }
    guard bytes.count <= limit else {
      throw ImageError(
        .tooLarge, "standard input: more than \(limit) bytes, the most that is read of an image")
    }
    return bytes
  }
}

extension RGBImage {
  /// Reads and decodes a JPEG, PNG, WebP or BMP file.
  ///
  /// The file is mapped into memory, not copied, so it must not be made shorter meanwhile; see
  /// `MappedFile`.
  ///
  /// - Parameters:
  ///   - path: a regular file; errors start with it.
  ///   - convention: whose CMYK conversion and orientation rule to follow.
  ///   - appliesOrientation: whether EXIF orientation is applied; nil to follow the convention.
  /// - Throws: ``ImageError`` when the file cannot be read or is not a whole image.
  public init(
    path: String, convention: ImageConvention = .pil, appliesOrientation: Bool? = nil
  ) throws(ImageError) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw ImageError(error)
    }
    defer { withExtendedLifetime(file) {} }
    try self.init(
      decoding: file.bytes, name: path, convention: convention,
      appliesOrientation: appliesOrientation)
  }
}

extension ImageError {
  /// Explains why the system gives no bytes of an image.
  fileprivate init(_ cause: FileError) {
    self.init(.unreadable, "\(printablePath(cause.path)): \(cause.reason)", cause: cause)
  }
}
