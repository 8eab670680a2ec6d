import CTurboJPEG
import DLAText

extension RGBImage {
  /// The image as a baseline JPEG file with colours at half the resolution.
  ///
  /// - Parameter quality: 1 to 100, as libjpeg counts it.
  /// - Returns: the bytes of the file.
  /// - Throws: ``ImageError`` with code `unencodable` if a side is longer than ``ImageLimits/side`` or
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
