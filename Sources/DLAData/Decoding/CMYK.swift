/// Converts inks as stored in a JPEG to red, green and blue.
///
/// Both references take every CMYK JPEG as Adobe writes it, inverted (255 is no ink), whether or
/// not it carries Adobe's marker. They differ in the arithmetic:
/// PIL: `k − muldiv255(255 − c, k)` with rounding; OpenCV: `k − ((255 − c)·k >> 8)`.
///
/// - Parameters:
///   - inks: `count` pixels of cyan, magenta, yellow, black.
///   - pixels: room for `count` pixels of red, green, blue.
///   - count: the number of pixels.
///   - convention: whose arithmetic to use.
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
