import CTurboJPEG
import DLAText

/// Decodes a JPEG: baseline or progressive, gray, colour, CMYK or YCCK.
///
/// Damage that libjpeg reads past with a warning is accepted, as PIL and OpenCV do, for instance
/// extraneous bytes, or a part of a restart interval that is missing. A file that stops before its
/// end marker is not. At most 500 scans are decoded.
func decodeJPEG(
  _ source: ImageSource, convention: ImageConvention
) throws(ImageError) -> (image: RGBImage, orientation: Orientation) {
  guard let decoder = tjInitDecompress() else {
    throw source.error(.unreadable, "libjpeg-turbo could not be started; is memory short?")
  }
  defer { tjDestroy(decoder) }
  let bytes = source.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  let byteCount = UInt(source.bytes.count)

  var width: Int32 = -1
  var height: Int32 = -1
  var subsampling: Int32 = -1
  var colorSpace: Int32 = -1
  // For sampling factors without a name in TurboJPEG this fails after the size was set, and they
  // still decode; so the size is checked, not the result.
  let status = tjDecompressHeader3(
    decoder, bytes, byteCount, &width, &height, &subsampling, &colorSpace)
  let markers = JPEGMarkers(source)
  guard width > 0, height > 0, colorSpace >= 0 else {
    guard markers.isComplete else { throw truncated(source) }
    let found = status == 0 ? "no image found" : message(of: decoder)
    throw source.error(.corrupt, "not a JPEG that can be decoded (\(found)); save it anew")
  }
  let isCMYK = colorSpace == TJCS_CMYK.rawValue || colorSpace == TJCS_YCCK.rawValue
  let kinds = [(markers.hasManyScans, "progressive "), (isCMYK, "CMYK ")].filter(\.0).map(\.1)
  try source.checkSize(
    of: kinds.joined() + "JPEG", width: Int(width), height: Int(height),
    workingBytes: (isCMYK ? 4 : 0) + (markers.hasManyScans ? 2 * markers.components : 0))
  guard markers.isComplete else { throw truncated(source) }
  // Each block of 8×8 takes a bit at least, so a few bytes cannot claim a large image.
  guard !markers.isHuffman || Int(width) * Int(height) <= (markers.scanBytes + 1) << 10 else {
    throw source.error(
      .truncated,
      "\(markers.scanBytes) bytes of pixel data cannot hold \(width)×\(height) pixels; is the file "
        + "whole?")
  }

  let format = isCMYK ? TJPF_CMYK : TJPF_RGB
  func decode(into target: UnsafeMutablePointer<UInt8>) -> ImageError? {
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
    guard
      tjDecompress2(
        decoder, bytes, byteCount, target, width, 0, height, format.rawValue, flags) != 0
    else { return nil }
    return fault(of: decoder, source)
  }

  var failure: ImageError?
  let image = RGBImage(width: Int(width), height: Int(height)) { pixels in
    guard isCMYK else {
      failure = decode(into: pixels)
      return
    }
    let count = Int(width) * Int(height)
    let inks = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 4)
    defer { inks.deallocate() }
    failure = decode(into: inks)
    if failure == nil { convertCMYK(inks, to: pixels, count: count, convention: convention) }
  }
  if let failure { throw failure }
  return (image, markers.orientation)
}

/// The error for what libjpeg reports; nil for a warning, since the end marker is there.
private func fault(of decoder: tjhandle, _ source: ImageSource) -> ImageError? {
  if tjGetErrorCode(decoder) == TJERR_WARNING.rawValue { return nil }
  let message = message(of: decoder)
  return source.error(
    .corrupt, "the JPEG data are damaged (\(message)); get the file again or save it anew")
}

private func truncated(_ source: ImageSource) -> ImageError {
  source.error(
    .truncated,
    "the JPEG stops before its end (\(source.bytes.count) bytes are there); is the download or copy "
      + "complete?")
}

private func message(of decoder: tjhandle) -> String {
  guard let text = tjGetErrorStr2(decoder) else { return "no reason given" }
  return printable(String(cString: text))
}

/// Converts inks as stored in a JPEG to red, green and blue.
///
/// Both references take every CMYK JPEG as Adobe writes it, inverted (255 is no ink), whether or
/// not it carries Adobe's marker. They differ in the arithmetic: PIL: `k − muldiv255(255 − c, k)`
/// with rounding; OpenCV: `k − ((255 − c)·k >> 8)`. `inks` are `count` pixels of cyan, magenta,
/// yellow, black.
func convertCMYK(
  _ inks: UnsafePointer<UInt8>, to pixels: UnsafeMutablePointer<UInt8>, count: Int,
  convention: ImageConvention
) {
  for i in 0..<count {
    let black = Int32(inks[4 * i + 3])
    for channel in 0..<3 {
      let product = (255 - Int32(inks[4 * i + channel])) * black
      let taken: Int32
      switch convention {
      case .pil: taken = (((product + 128) >> 8) + product + 128) >> 8
      case .opencv: taken = product >> 8
      }
      pixels[3 * i + channel] = UInt8(truncatingIfNeeded: max(0, black - taken))
    }
  }
}
