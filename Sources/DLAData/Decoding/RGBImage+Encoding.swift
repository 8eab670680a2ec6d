import CSPNG
import CTurboJPEG
import DLASystem
import DLAText

extension RGBImage {
  /// The image as a baseline JPEG file with colours at half the resolution.
  ///
  /// - Parameter quality: 1 to 100, as libjpeg counts it.
  /// - Returns: the bytes of the file.
  /// - Throws: ``ImageError`` with code `unencodable` if a side is longer than `ImageLimits.side` or
  ///   memory is short.
  public func jpeg(quality: Int = 85) throws(ImageError) -> [UInt8] {
    guard let encoder = tjInitCompress() else {
      throw ImageError(.unencodable, "libjpeg-turbo could not be started; is memory short?")
    }
    defer { tjDestroy(encoder) }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    defer { tjFree(bytes) }
    let status = pixels.withUnsafeBufferPointer { pixels in
      tjCompress2(
        encoder, pixels.baseAddress, Int32(width), 0, Int32(height), TJPF_RGB.rawValue, &bytes,
        &count, Int32(TJSAMP_420.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    }
    guard status == 0, let bytes else {
      let reason = tjGetErrorStr2(encoder).map { String(cString: $0) } ?? "no reason given"
      throw ImageError(
        .unencodable, "a JPEG of \(width)×\(height) could not be made (\(printable(reason)))")
    }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }
}

extension RGBImage {
  /// The image as a PNG file: 8-bit red, green and blue, nothing lost.
  ///
  /// - Returns: the bytes of the file.
  /// - Throws: ``ImageError`` with code `unencodable` if memory is short.
  public func png() throws(ImageError) -> [UInt8] {
    guard let encoder = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
      throw ImageError(.unencodable, "libspng could not be started; is memory short?")
    }
    defer { spng_ctx_free(encoder) }
    var header = spng_ihdr()
    header.width = UInt32(width)
    header.height = UInt32(height)
    header.color_type = UInt8(SPNG_COLOR_TYPE_TRUECOLOR.rawValue)
    header.bit_depth = 8
    try check(spng_set_option(encoder, SPNG_ENCODE_TO_BUFFER, 1))
    try check(spng_set_ihdr(encoder, &header))
    try check(
      pixels.withUnsafeBytes { pixels in
        spng_encode_image(
          encoder, pixels.baseAddress, pixels.count, Int32(SPNG_FMT_PNG.rawValue),
          Int32(SPNG_ENCODE_FINALIZE.rawValue))
      })
    var count = 0
    var status: Int32 = 0
    // Ours from here on, and from C's allocator.
    let bytes = spng_get_png_buffer(encoder, &count, &status)
    try check(status)
    defer { Platform.releaseAllocation(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  private func check(_ status: Int32) throws(ImageError) {
    guard status != 0 else { return }
    let reason = spng_strerror(status).map { String(cString: $0) } ?? "error \(status)"
    throw ImageError(.unencodable, "a PNG of \(width)×\(height) could not be made (\(reason))")
  }
}
