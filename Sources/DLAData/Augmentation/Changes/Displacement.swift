import DLASystem

/// A displacement of an image's pixels, of which many lie between those of the image.
package enum Displacement: Sendable, Equatable {
  /// Rows displaced by a factor times their distance from the top.
  case shearX(Double)
  /// Columns displaced by a factor times their distance from the left.
  case shearY(Double)
  /// Displaced by shares of width and height.
  case translation(x: Double, y: Double)
  /// Rotated counter-clockwise around the centre.
  case rotation(degrees: Double)

  /// The place in the image, [a, b, c; d, e, f], of a pixel of the result: x becomes a·x + b·y + c.
  func matrix(width: Int, height: Int) -> [Double] {
    switch self {
    case .shearX(let factor): return [1, factor, 0, 0, 1, 0]
    case .shearY(let factor): return [1, 0, 0, factor, 1, 0]
    case .translation(let x, let y):
      return [1, 0, x * Double(width), 0, 1, y * Double(height)]
    case .rotation(let degrees):
      // To 15 digits, as PIL does, so that 90° has a cosine of 0.
      func rounded(_ x: Double) -> Double { (x * 1e15).rounded(.toNearestOrEven) / 1e15 }
      let angle = -degrees * (Double.pi / 180)
      let (cosine, sine) = (rounded(Platform.cosine(angle)), rounded(Platform.sine(angle)))
      let (centreX, centreY) = (Double(width) / 2, Double(height) / 2)
      return [
        cosine, sine, cosine * -centreX + sine * -centreY + centreX,
        -sine, cosine, -sine * -centreX + cosine * -centreY + centreY,
      ]
    }
  }
}

extension RGBImage {
  /// PIL's `Image.transform` and `Image.rotate` with an interpolation, in float64 as in Pillow's
  /// `ImagingGenericTransform`; where the image has no pixels the result is `fill`.
  func displaced(
    _ displacement: Displacement, _ filter: ImageFilter, fill: SIMD3<UInt8>
  ) -> RGBImage {
    let matrix = displacement.matrix(width: width, height: height)
    return written { source, target in
      let sampler = Sampler(pixels: source, width: width, height: height)
      var target = target
      for row in 0..<height {
        for column in 0..<width {
          let (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
          let place = (
            x: matrix[0] * x + matrix[1] * y + matrix[2],
            y: matrix[3] * x + matrix[4] * y + matrix[5]
          )
          if place.x >= 0, place.x < Double(width), place.y >= 0, place.y < Double(height) {
            switch filter {
            case .bilinear: sampler.bilinear(x: place.x - 0.5, y: place.y - 0.5, into: target)
            case .bicubic: sampler.bicubic(x: place.x - 0.5, y: place.y - 0.5, into: target)
            }
          } else {
            (target[0], target[1], target[2]) = (fill[0], fill[1], fill[2])
          }
          target += 3
        }
      }
    }
  }
}

/// Pixels between those of an image; those outside it are its nearest.
private struct Sampler {
  let pixels: UnsafePointer<UInt8>
  let width: Int
  let height: Int

  private func row(_ y: Int) -> UnsafePointer<UInt8> {
    pixels + min(max(y, 0), height - 1) * width * 3
  }

  private func offset(_ x: Int) -> Int { min(max(x, 0), width - 1) * 3 }

  func bilinear(x: Double, y: Double, into target: UnsafeMutablePointer<UInt8>) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (a, b) = (offset(Int(left)), offset(Int(left) + 1))
    let (upper, lower) = (row(Int(top)), row(Int(top) + 1))
    for channel in 0..<3 {
      func across(_ line: UnsafePointer<UInt8>) -> Double {
        let first = Double(line[a + channel])
        return first + (Double(line[b + channel]) - first) * (x - left)
      }
      let first = across(upper)
      target[channel] = level(first + (across(lower) - first) * (y - top))
    }
  }

  func bicubic(x: Double, y: Double, into target: UnsafeMutablePointer<UInt8>) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let column = Int(left) - 1
    let columns = (offset(column), offset(column + 1), offset(column + 2), offset(column + 3))
    let line = Int(top) - 1
    let lines = (row(line), row(line + 1), row(line + 2), row(line + 3))
    for channel in 0..<3 {
      func across(_ line: UnsafePointer<UInt8>) -> Double {
        let line = line + channel
        return cubic(
          Double(line[columns.0]), Double(line[columns.1]), Double(line[columns.2]),
          Double(line[columns.3]), at: x - left)
      }
      target[channel] = level(
        cubic(across(lines.0), across(lines.1), across(lines.2), across(lines.3), at: y - top))
    }
  }
}

/// The cubic through four numbers, `place` behind the second.
@inline(__always)
func cubic(_ a: Double, _ b: Double, _ c: Double, _ d: Double, at place: Double) -> Double {
  b + place * (c - a + place * (2 * (a - b) + c - d + place * (b - a + d - c)))
}
