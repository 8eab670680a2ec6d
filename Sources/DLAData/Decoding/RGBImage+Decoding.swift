extension RGBImage {
  /// Decodes a JPEG, PNG, WebP or BMP file; the format is detected from the content.
  ///
  /// JPEG is decoded with the accurate integer DCT and smooth upsampling, as PIL and OpenCV do.
  /// Alpha is dropped, not blended; 16-bit samples keep their high byte.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what to call it in errors.
  ///   - convention: whose CMYK conversion and orientation rule to follow.
  ///   - appliesOrientation: whether EXIF orientation is applied; nil to follow the convention.
  /// - Throws: ``ImageError`` when the content is not a whole image within `ImageLimits`.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, convention: ImageConvention = .pil,
    appliesOrientation: Bool? = nil
  ) throws(ImageError) {
    let source = ImageSource(name: name, bytes: bytes)
    guard bytes.count <= ImageLimits.fileBytes else {
      throw source.error(
        .tooLarge, "\(bytes.count) bytes; at most \(ImageLimits.fileBytes) are read")
    }
    let decoded: (image: RGBImage, orientation: Orientation) =
      switch try ImageFormat.of(source) {
      case .jpeg: try decodeJPEG(source, convention: convention)
      case .png: try decodePNG(source)
      case .webP: try decodeWebP(source)
      case .bmp: try decodeBMP(source, convention: convention)
      }
    let applies = appliesOrientation ?? (convention == .opencv)
    self = applies ? decoded.image.oriented(decoded.orientation) : decoded.image
  }

  /// Decodes a JPEG, PNG, WebP or BMP file; the format is detected from the content.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what to call it in errors.
  ///   - convention: whose CMYK conversion and orientation rule to follow.
  ///   - appliesOrientation: whether EXIF orientation is applied; nil to follow the convention.
  /// - Throws: ``ImageError`` when the content is not a whole image within `ImageLimits`.
  public init(
    decoding bytes: [UInt8], name: String, convention: ImageConvention = .pil,
    appliesOrientation: Bool? = nil
  ) throws(ImageError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in
        try RGBImage(
          decoding: bytes, name: name, convention: convention,
          appliesOrientation: appliesOrientation)
      }
    }
    self = try result.get()
  }

  /// Makes an image whose pixels `write` fills in, so that they need not be zeroed before.
  init(width: Int, height: Int, write: (UnsafeMutablePointer<UInt8>) -> Void) {
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { write(base) }
      initialized = count
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}
