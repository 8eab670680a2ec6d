import CSPNG

/// Decodes a PNG of any bit depth and colour type, interlaced or not.
///
/// Checksums of pixels and of what precedes them must hold, and the end chunk must be there; what is
/// damaged between them is left out, as PIL does. Of an animated PNG the still image is read.
func decodePNG(
  _ source: ImageSource
) throws(ImageError) -> (image: RGBImage, orientation: Orientation) {
  guard let decoder = spng_ctx_new(0) else {
    throw source.error(.unreadable, "libspng could not be started; is memory short?")
  }
  defer { spng_ctx_free(decoder) }
  let textLimit = 64 << 20
  spng_set_chunk_limits(decoder, 1 << 30, textLimit)
  try check(spng_set_png_buffer(decoder, source.bytes.baseAddress, source.bytes.count), source)
  var header = spng_ihdr()
  try check(spng_get_ihdr(decoder, &header), source)
  try source.checkSize(
    of: "PNG", width: Int(clamping: header.width), height: Int(clamping: header.height))
  try checkData(header, source)
  guard hasEnd(source) else { throw truncated(source) }

  var status: Int32 = 0
  let image = RGBImage(width: Int(header.width), height: Int(header.height)) { pixels in
    let count = Int(header.width) * Int(header.height) * 3
    status = spng_decode_image(decoder, pixels, count, Int32(SPNG_FMT_RGB8.rawValue), 0)
  }
  try check(status, source)
  // What follows the pixels, the checksum of the end chunk too, changes none of them.
  _ = spng_decode_chunks(decoder)

  var exif = spng_exif()
  guard spng_get_exif(decoder, &exif) == 0, let data = exif.data else { return (image, .upright) }
  return (image, Orientation(tiff: UnsafeRawBufferPointer(start: data, count: exif.length)))
}

/// Refuses a header that claims more pixels than the compressed data can hold.
///
/// Deflate makes at most 1,032 bytes of one.
private func checkData(_ header: spng_ihdr, _ source: ImageSource) throws(ImageError) {
  let channels = [1, 0, 3, 1, 2, 0, 4][Int(header.color_type)]
  let bits = Int(header.width) * Int(header.height) * channels * Int(header.bit_depth)
  guard bits / 8 <= source.bytes.count * 1_032 else {
    throw source.error(
      .truncated,
      "\(source.bytes.count) bytes cannot hold \(header.width)×\(header.height) pixels; is the "
        + "file whole?")
  }
}

/// True if the chunks follow one another up to the whole of the end chunk.
private func hasEnd(_ source: ImageSource) -> Bool {
  var offset = 8
  while let length = source.bigEndian32(at: offset), length <= source.bytes.count - offset - 12 {
    if source.matches("IEND", at: offset + 4) { return true }
    offset += 12 + length
  }
  return false
}

private func truncated(_ source: ImageSource) -> ImageError {
  source.error(
    .truncated,
    "the PNG stops before its end (\(source.bytes.count) bytes are there); is the download or copy "
      + "complete?")
}

private func check(_ status: Int32, _ source: ImageSource) throws(ImageError) {
  switch status {
  case 0: return
  case SPNG_IO_EOF.rawValue, SPNG_EIDAT_TOO_SHORT.rawValue:
    throw truncated(source)
  default:
    let reason = spng_strerror(status).map { String(cString: $0) } ?? "error \(status)"
    throw source.error(
      .corrupt, "the PNG is damaged (\(reason)); get the file again or save it anew")
  }
}
