import CSPNG

/// Decodes a PNG of any bit depth and colour type, interlaced or not.
///
/// Checksums of pixels and their description must hold, and the end chunk must be there; its own
/// checksum and those of other chunks change no pixel. Of an animated PNG the still image is read.
func decodePNG(
  _ source: ImageSource
) throws(ImageError) -> (image: RGBImage, orientation: Orientation) {
  guard let decoder = spng_ctx_new(0) else {
    throw source.error(.unreadable, "libspng could not be started; is memory short?")
  }
  defer { spng_ctx_free(decoder) }
  spng_set_crc_action(
    decoder, Int32(SPNG_CRC_ERROR.rawValue), Int32(SPNG_CRC_DISCARD.rawValue))
  let textLimit = 64 << 20
  spng_set_chunk_limits(decoder, 1 << 30, textLimit)
  try check(spng_set_png_buffer(decoder, source.bytes.baseAddress, source.bytes.count), source)
  var header = spng_ihdr()
  try check(spng_get_ihdr(decoder, &header), source)
  try source.checkSize(
    of: "PNG", width: Int(clamping: header.width), height: Int(clamping: header.height))
  try checkData(header, source)
  guard let end = endChunk(source) else { throw truncated(source) }

  var status: Int32 = 0
  let image = RGBImage(width: Int(header.width), height: Int(header.height)) { pixels in
    let count = Int(header.width) * Int(header.height) * 3
    status = spng_decode_image(decoder, pixels, count, Int32(SPNG_FMT_RGB8.rawValue), 0)
  }
  try check(status, source)
  // libspng tells here about the checksums of the last pixels and of the end chunk alike.
  let last = spng_decode_chunks(decoder)
  if source.bigEndian32(at: end + 8) == 0xAE42_6082 { try check(last, source) }

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

/// The position of the end chunk, to which the others must lead; nil if it is not whole.
private func endChunk(_ source: ImageSource) -> Int? {
  var offset = 8
  while let length = source.bigEndian32(at: offset), length <= source.bytes.count - offset - 12 {
    if source.matches("IEND", at: offset + 4) { return offset }
    offset += 12 + length
  }
  return nil
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
