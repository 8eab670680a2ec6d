/// A change of an image's pixels whose numbers are drawn already: nothing in it is random.
///
/// Accuracy: equal byte for byte to the function of PIL or torchvision that each case names.
package enum ImageTransform: Sendable, Equatable {
  /// Levels times a factor; `ImageEnhance.Brightness`.
  case brightness(Double)
  /// Distances from the mean grey times a factor; `ImageEnhance.Contrast`.
  case contrast(Double)
  /// Distances from each pixel's grey times a factor; `ImageEnhance.Color`.
  case saturation(Double)
  /// Hues rotated by a share of the colour circle, -½ to ½; torchvision's `adjust_hue`.
  case hue(Double)
  /// Distances from the smoothed image times a factor; `ImageEnhance.Sharpness`.
  case sharpness(Double)
  /// Levels stretched to 0 to 255, each channel by itself; `ImageOps.autocontrast`.
  case autocontrast
  /// Levels equally frequent, each channel by itself; `ImageOps.equalize`.
  case equalize
  /// Levels subtracted from 255; `ImageOps.invert`.
  case invert
  /// The highest bits of levels, 0 to 8 of them; `ImageOps.posterize`, which up to Pillow 12 takes
  /// 0 bits too and gives black.
  case posterize(bits: Int)
  /// Levels from a threshold on inverted; `ImageOps.solarize`.
  case solarize(threshold: Double)
  /// Levels below 128 increased, 255 at most; timm's `solarize_add`.
  case solarizeAdd(Int)
  /// Displaced with an interpolation, and a colour where there are no pixels; `Image.transform`
  /// and `Image.rotate`.
  case displaced(Displacement, ImageFilter, fill: SIMD3<UInt8>)
  /// Rows displaced by a factor times their distance from the top; `Image.transform`, bicubic.
  case shearX(Double)
  /// Columns displaced by a factor times their distance from the left; `Image.transform`, bicubic.
  case shearY(Double)
  /// Displaced sideways by a share of the width; `Image.transform`, nearest pixel.
  case translateX(Double)
  /// Displaced up or down by a share of the height; `Image.transform`, nearest pixel.
  case translateY(Double)
  /// Rotated counter-clockwise around the centre; `Image.rotate`, nearest pixel.
  case rotate(degrees: Double)

  /// The level of red, green and blue where a displaced image has no pixels, as in PaddleClas.
  static let background: UInt8 = 128
}

extension RGBImage {
  /// The image after a change, of the same size.
  package func changed(_ change: ImageTransform) -> RGBImage {
    switch change {
    case .brightness(let factor): mapped(.blend(from: 0, share: Float(factor)))
    case .contrast(let factor): mapped(.blend(from: meanGrey, share: Float(factor)))
    case .saturation(let factor): saturated(Float(factor))
    case .hue(let turn): hueTurned(by: turn)
    case .sharpness(let factor): sharpened(Float(factor))
    case .autocontrast: mapped(.autocontrast(LevelCounts(self)))
    case .equalize: mapped(.equalize(LevelCounts(self)))
    case .invert: mapped(LevelTable { 255 - $0 })
    case .posterize(let bits): mapped(LevelTable { $0 & UInt8(truncatingIfNeeded: 0xFF00 >> bits) })
    case .solarize(let threshold): mapped(LevelTable { Double($0) < threshold ? $0 : 255 - $0 })
    case .solarizeAdd(let add):
      mapped(LevelTable { $0 < 128 ? UInt8(min(Int($0) + add, 255)) : $0 })
    case .displaced(let displacement, let filter, let fill):
      displaced(displacement, filter, fill: fill)
    case .shearX(let factor): sheared(by: factor, along: .rows)
    case .shearY(let factor): sheared(by: factor, along: .columns)
    case .translateX(let share): translated(x: share * Double(width), y: 0)
    case .translateY(let share): translated(x: 0, y: share * Double(height))
    case .rotate(let degrees): rotated(degrees: degrees)
    }
  }
}
