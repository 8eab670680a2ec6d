import DLAData

#if canImport(CoreGraphics)
  import CoreGraphics

  extension RGBImage {
    /// Draws an image of Core Graphics in sRGB with 8 bits a channel; transparency becomes black.
    ///
    /// The pixels may differ by rounding from those decoded from the image's file.
    ///
    /// - Parameter image: the image, in any colour space.
    /// - Throws: `ImageError` with `.tooLarge` if there is no memory for its pixels.
    public init(_ image: CGImage) throws(ImageError) {
      let (width, height) = (image.width, image.height)
      guard let space = CGColorSpace(name: CGColorSpace.sRGB),
        let context = CGContext(
          data: nil, width: width, height: height, bitsPerComponent: 8, bytesPerRow: width * 4,
          space: space, bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue),
        let data = context.data
      else { throw ImageError(.tooLarge, "an image of \(width)×\(height) can't be drawn") }
      context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
      let bytes = UnsafeRawBufferPointer(start: data, count: context.bytesPerRow * height)
      self.init(
        width: width, height: height, rowBytes: context.bytesPerRow, offsets: (0, 1, 2),
        of: bytes)
    }
  }
#endif

#if canImport(CoreVideo)
  import CoreVideo

  extension RGBImage {
    /// Copies the pixels of a buffer, for instance a camera frame, without colour conversion.
    ///
    /// - Parameter buffer: a buffer of format 32BGRA, 32RGBA or 32ARGB; alpha is ignored.
    /// - Throws: `ImageError` with `.unsupported` for other formats, `.unreadable` if the buffer
    ///   can't be locked.
    public init(_ buffer: CVPixelBuffer) throws(ImageError) {
      let offsets: (Int, Int, Int)
      switch CVPixelBufferGetPixelFormatType(buffer) {
      case kCVPixelFormatType_32BGRA: offsets = (2, 1, 0)
      case kCVPixelFormatType_32RGBA: offsets = (0, 1, 2)
      case kCVPixelFormatType_32ARGB: offsets = (1, 2, 3)
      case let format:
        throw ImageError(
          .unsupported, "a pixel buffer has format \(format); 32BGRA, 32RGBA or 32ARGB is expected")
      }
      guard CVPixelBufferLockBaseAddress(buffer, .readOnly) == kCVReturnSuccess else {
        throw ImageError(.unreadable, "a pixel buffer can't be locked")
      }
      defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
      guard let data = CVPixelBufferGetBaseAddress(buffer) else {
        throw ImageError(.unreadable, "a pixel buffer has no memory")
      }
      let rowBytes = CVPixelBufferGetBytesPerRow(buffer)
      let height = CVPixelBufferGetHeight(buffer)
      self.init(
        width: CVPixelBufferGetWidth(buffer), height: height, rowBytes: rowBytes, offsets: offsets,
        of: UnsafeRawBufferPointer(start: data, count: rowBytes * height))
    }
  }
#endif

extension RGBImage {
  /// Copies pixels of four bytes, in which red, green and blue have `offsets`, from rows that are
  /// `rowBytes` apart.
  ///
  /// - Precondition: `bytes` holds `height` rows of at least 4 · `width` bytes.
  package init(
    width: Int, height: Int, rowBytes: Int, offsets: (red: Int, green: Int, blue: Int),
    of bytes: UnsafeRawBufferPointer
  ) {
    precondition(rowBytes >= 4 * width && bytes.count >= rowBytes * height, "rows are missing")
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      for y in 0..<height {
        for x in 0..<width {
          let pixel = y * rowBytes + 4 * x
          target[count] = bytes[pixel + offsets.red]
          target[count + 1] = bytes[pixel + offsets.green]
          target[count + 2] = bytes[pixel + offsets.blue]
          count += 3
        }
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}
