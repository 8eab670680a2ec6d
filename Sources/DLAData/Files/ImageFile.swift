#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads the bytes of image files, at most ``ImageLimits/fileBytes`` of each.
public enum ImageFile {
  /// Reads a whole file.
  ///
  /// - Parameter path: where the file is.
  /// - Returns: its bytes.
  /// - Throws: ``ImageError`` with code `unreadable` or `tooLarge`.
  public static func bytes(path: String) throws(ImageError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    return try bytes(descriptor: descriptor, name: path)
  }

  /// Reads standard input to its end.
  ///
  /// - Parameter name: what to call it in errors.
  /// - Returns: its bytes.
  /// - Throws: ``ImageError`` with code `unreadable` or `tooLarge`.
  public static func standardInput(name: String = "standard input") throws(ImageError) -> [UInt8] {
    try bytes(descriptor: STDIN_FILENO, name: name)
  }

  private static func bytes(descriptor: Int32, name: String) throws(ImageError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(name, errno) }
    // A pipe or a device has no size; one byte more than the limit shows that it is passed.
    let expected = Int(clamping: status.st_size)
    guard expected <= ImageLimits.fileBytes else { throw tooLarge(name) }
    var bytes: [UInt8] = []
    var capacity = max(expected, 0) + 1
    while true {
      if bytes.count == capacity { capacity = max(capacity * 2, 1 << 16) }
      let wanted = capacity - bytes.count
      var failure: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = max(0, readFully(descriptor, buffer, &failure))
      }
      guard failure == 0 else { throw unreadable(name, failure) }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      guard bytes.count <= ImageLimits.fileBytes else { throw tooLarge(name) }
      if chunk.count < wanted { return bytes }
    }
  }

  /// Fills `buffer` unless the file ends before.
  private static func readFully(
    _ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ failure: inout Int32
  ) -> Int {
    var total = 0
    while total < buffer.count, let base = buffer.baseAddress {
      let count = read(descriptor, base + total, buffer.count - total)
      if count < 0, errno == EINTR { continue }
      if count < 0 { failure = errno }
      guard count > 0 else { break }
      total += count
    }
    return total
  }

  private static func unreadable(_ name: String, _ code: Int32) -> ImageError {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return ImageError(
      .unreadable, "\(printable(name)): cannot be read (\(reason)); expected a picture file")
  }

  private static func tooLarge(_ name: String) -> ImageError {
    ImageError(
      .tooLarge,
      "\(printable(name)): larger than \(ImageLimits.fileBytes) bytes, the most that is read of a "
        + "picture")
  }
}

extension Image {
  /// Reads and decodes a JPEG, PNG or WebP file.
  ///
  /// - Parameters:
  ///   - path: where the file is; errors start with it.
  ///   - convention: whose CMYK conversion and orientation rule to follow.
  ///   - appliesOrientation: whether EXIF orientation turns the picture; as the convention does
  ///     when nil.
  /// - Throws: ``ImageError`` when the file cannot be read or is not a whole picture.
  public init(
    path: String, convention: ImageConvention = .pil, appliesOrientation: Bool? = nil
  ) throws(ImageError) {
    try self.init(
      decoding: ImageFile.bytes(path: path), name: path, convention: convention,
      appliesOrientation: appliesOrientation)
  }
}
