import CWebP

/// Decodes a still WebP, lossy or lossless.
func decodeWebP(
  _ source: ImageSource
) throws(ImageError) -> (image: RGBImage, orientation: Orientation) {
  let bytes = source.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  let count = source.bytes.count
  var features = WebPBitstreamFeatures()
  let status = WebPGetFeatures(bytes, count, &features)
  guard status == VP8_STATUS_OK else { throw fault(status, source) }
  guard features.has_animation == 0 else {
    throw source.error(
      .unsupported, "the WebP is an animation; save the frame to classify as a still image")
  }
  let width = Int(features.width)
  let height = Int(features.height)
  // Lossless pixels are decoded whole, 4 bytes each; so is alpha, into a buffer of its own.
  let isLossless = features.format == 2
  let isPlain = !isLossless && features.has_alpha == 0
  try source.checkSize(
    of: isLossless ? "lossless WebP" : isPlain ? "WebP" : "WebP with alpha",
    width: width, height: height, workingBytes: isPlain ? 0 : 5)
  guard let size = source.littleEndian32(at: 4), size <= count - 8 else {
    throw fault(VP8_STATUS_NOT_ENOUGH_DATA, source)
  }

  var isDecoded = false
  let image = RGBImage(width: width, height: height) { pixels in
    let result = WebPDecodeRGBInto(bytes, count, pixels, width * height * 3, Int32(width * 3))
    isDecoded = result != nil
  }
  guard isDecoded else { throw fault(VP8_STATUS_BITSTREAM_ERROR, source) }
  return (image, exifOrientation(in: source))
}

/// Finds the EXIF chunk of an extended WebP whose header announces one, as OpenCV does.
private func exifOrientation(in source: ImageSource) -> Orientation {
  let exifFlag: UInt8 = 8
  guard source.matches("VP8X", at: 12), source.bytes.count > 20, source.bytes[20] & exifFlag != 0
  else { return .upright }
  var offset = 12
  while let size = source.littleEndian32(at: offset + 4) {
    let start = offset + 8
    guard size <= source.bytes.count - start else { break }
    if source.matches("EXIF", at: offset) {
      let tiff = source.bytes[start..<(start + size)]
      return Orientation(tiff: UnsafeRawBufferPointer(rebasing: tiff))
    }
    offset = start + size + size % 2
  }
  return .upright
}

private func fault(_ status: VP8StatusCode, _ source: ImageSource) -> ImageError {
  switch status {
  case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED:
    return source.error(
      .truncated,
      "the WebP stops before its end (\(source.bytes.count) bytes are there); is the download or "
        + "copy complete?")
  case VP8_STATUS_OUT_OF_MEMORY:
    return source.error(.tooLarge, "there is not enough memory for the WebP's pixels")
  default:
    return source.error(
      .corrupt, "the WebP is damaged or stops early; get the file again or save it anew")
  }
}
