/// A number as a level: kept to 0 to 255, the fraction dropped.
///
/// A conversion of Swift's would be checked number by number; this is plain arithmetic, which the
/// compiler does for several numbers at once. At 2²³ the numbers of float32 are the whole numbers,
/// so the sum is rounded to one of them, and one too many if it was rounded up.
@inline(__always)
func level(_ number: Float) -> UInt8 {
  let kept = min(max(number, 0), 255)
  let sum = kept + 0x1p23
  return UInt8(truncatingIfNeeded: sum.bitPattern &- (sum - 0x1p23 > kept ? 1 : 0))
}

/// The same of a float64, whose whole numbers begin at 2⁵².
@inline(__always)
func level(_ number: Double) -> UInt8 {
  let kept = min(max(number, 0), 255)
  let sum = kept + 0x1p52
  return UInt8(truncatingIfNeeded: sum.bitPattern &- (sum - 0x1p52 > kept ? 1 : 0))
}

/// One level between two others, or beyond the second where `share` is above 1: PIL's `RGBImage.blend`,
/// in float32.
@inline(__always)
func blended(_ from: UInt8, _ to: UInt8, _ share: Float) -> UInt8 {
  level(Float(from) + share * Float(Int32(to) &- Int32(from)))
}
