/// A new value for each of the 256 levels of red, then green, then blue.
struct LevelTable {
  private var levels: [UInt8]

  /// Makes the same table for all three.
  init(_ level: (UInt8) -> UInt8) {
    let table = (0...255).map { level($0) }
    levels = table + table + table
  }

  /// Makes the table of each channel from how often its levels occur.
  private init(_ counts: LevelCounts, _ table: (ArraySlice<Int>) -> [UInt8]) {
    levels = (0..<3).flatMap { table(counts.counts[($0 * 256)..<($0 * 256 + 256)]) }
  }

  /// PIL's `Image.blend` of a plain image with this one.
  static func blend(from level: UInt8, share: Float) -> LevelTable {
    LevelTable { blended(level, $0, share) }
  }

  /// PIL's `ImageOps.autocontrast`.
  static func autocontrast(_ counts: LevelCounts) -> LevelTable {
    LevelTable(counts) { counts in
      let lowest = (counts.firstIndex { $0 > 0 } ?? counts.startIndex) - counts.startIndex
      let highest = (counts.lastIndex { $0 > 0 } ?? counts.startIndex) - counts.startIndex
      guard highest > lowest else { return Array(0...255) }
      let scale = 255 / Double(highest - lowest)
      let offset = Double(-lowest) * scale
      return (0..<256).map { UInt8(min(max(Double($0) * scale + offset, 0), 255)) }
    }
  }

  /// PIL's `ImageOps.equalize`.
  static func equalize(_ counts: LevelCounts) -> LevelTable {
    LevelTable(counts) { counts in
      let last = counts.last { $0 > 0 } ?? 0
      let step = (counts.reduce(0, +) - last) / 255
      guard step > 0 else { return Array(0...255) }
      var sum = step / 2
      return counts.map { count in
        defer { sum += count }
        return UInt8(min(sum / step, 255))
      }
    }
  }

  /// Replaces the levels of whole pixels.
  func apply(to source: UnsafePointer<UInt8>, pixels: Int, into target: UnsafeMutablePointer<UInt8>)
  {
    levels.withUnsafeBufferPointer { levels in
      for i in 0..<pixels {
        target[3 * i] = levels[Int(source[3 * i])]
        target[3 * i + 1] = levels[256 + Int(source[3 * i + 1])]
        target[3 * i + 2] = levels[512 + Int(source[3 * i + 2])]
      }
    }
  }
}

/// A histogram of the 256 levels of red, then green, then blue.
struct LevelCounts {
  /// 3 × 256 counts.
  private(set) var counts = [Int](repeating: 0, count: 768)

  /// Counts the levels of an image.
  init(_ image: RGBImage) {
    image.pixels.withUnsafeBufferPointer { pixels in
      counts.withUnsafeMutableBufferPointer { counts in
        for i in 0..<(image.width * image.height) {
          counts[Int(pixels[3 * i])] &+= 1
          counts[256 + Int(pixels[3 * i + 1])] &+= 1
          counts[512 + Int(pixels[3 * i + 2])] &+= 1
        }
      }
    }
  }
}

extension RGBImage {
  /// The image with its levels replaced.
  func mapped(_ table: LevelTable) -> RGBImage {
    written { source, target in table.apply(to: source, pixels: width * height, into: target) }
  }

  /// An image of the same size, written by a function of this one's pixels.
  func written(_ write: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void) -> RGBImage {
    RGBImage(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        write(base, target)
      }
    }
  }
}

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

/// One level between two others, or beyond the second where `share` is above 1: PIL's
/// `Image.blend`, in float32.
@inline(__always)
func blended(_ from: UInt8, _ to: UInt8, _ share: Float) -> UInt8 {
  level(Float(from) + share * Float(Int32(to) &- Int32(from)))
}
