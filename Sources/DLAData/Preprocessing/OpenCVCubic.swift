/// Resizes to another size as OpenCV's `INTER_CUBIC` on 8 bits does on x86-64 and returns the window,
/// equal byte for byte.
///
/// OpenCV's packages for x86-64 leave this to Intel's IPP: Keys's filter with a = -0.75 in float32
/// with fused multiply-add, rows first, whose sums have another order where an input lies outside the
/// image. Found by experiment with OpenCV 5.0 on AVX2; equal to the bit on images of float32 as well.
/// Images with a side below 4 pixels, which OpenCV resizes by itself, and builds without IPP can
/// differ by a level.
func resizeCubic(_ image: RGBImage, _ window: Window) -> RGBImage {
  let across = window.columns.map {
    CubicTap(input: image.width, output: window.resized.width, index: $0)
  }
  let down = window.rows.map {
    CubicTap(input: image.height, output: window.resized.height, index: $0)
  }
  let count = across.count * 3
  return RGBImage(width: across.count, height: down.count) { target in
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      let lines = UnsafeMutablePointer<Float>.allocate(capacity: count * 4)
      defer { lines.deallocate() }
      for (row, tap) in down.enumerated() {
        for place in 0..<4 {
          cubicRow(
            base + tap.inputs[place] * image.width * 3, across, inner: tap.isInner, place: place,
            into: lines + place * count)
        }
        for (column, isInner) in across.lazy.map(\.isInner).enumerated() {
          for x in (column * 3)..<(column * 3 + 3) {
            let values = SIMD4(
              lines[x], lines[count + x], lines[2 * count + x], lines[3 * count + x])
            target[row * count + x] = rounded(
              isInner && tap.isInner
                ? pairs(values, tap.weights, 0, 1, 2, 3)
                : separatePairs(values * tap.weights))
          }
        }
      }
    }
  }
}

/// The four inputs of one output along a side, and their weights.
private struct CubicTap {
  /// Indices of inputs; those outside the image are its nearest.
  let inputs: SIMD4<Int>
  let weights: SIMD4<Float>
  /// True if no input lies outside.
  let isInner: Bool

  /// The weights are computed in double precision, from a fraction in float32 that was rounded
  /// beside 1.
  init(input: Int, output: Int, index: Int) {
    let place = (2 * index + 1) * input - output
    let whole = place >= 0 ? place / (2 * output) : -1
    let fraction = 1 + Float(place - whole * 2 * output) / Float(2 * output)
    let x = Double(fraction) - 1
    let y = 1 - x
    weights = SIMD4(
      Float(-0.75 * x * y * y), Float((1.25 * x - 2.25) * x * x + 1),
      Float((1.25 * y - 2.25) * y * y + 1), Float(-0.75 * y * x * x))
    let wanted = SIMD4(whole - 1, whole, whole + 1, whole + 2)
    inputs = wanted.clamped(
      lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: input - 1))
    isInner = inputs == wanted
  }
}

/// Interpolates a row that is input `place` of an output; `inner` says that all its rows lie inside.
private func cubicRow(
  _ source: UnsafePointer<UInt8>, _ taps: [CubicTap], inner: Bool, place: Int,
  into target: UnsafeMutablePointer<Float>
) {
  var target = target
  for tap in taps {
    let inputs = tap.inputs &* 3
    for channel in 0..<3 {
      let values = SIMD4(
        Float(source[inputs[0] + channel]), Float(source[inputs[1] + channel]),
        Float(source[inputs[2] + channel]), Float(source[inputs[3] + channel]))
      target[channel] =
        if inner && tap.isInner {
          pairs(values, tap.weights, 1, 2, 0, 3)
        } else if place == 0 || place == 3 {
          chain(values, tap.weights, 0, 1)
        } else {
          chain(values, tap.weights, 1, 0)
        }
    }
    target += 3
  }
}

/// `a · b + c`, rounded once but for one case in 2²⁹; a call of `fma` would be several times slower.
@inline(__always)
private func fused(_ a: Float, _ b: Float, _ c: Float) -> Float {
  Float(Double(a) * Double(b) + Double(c))
}

/// The sum of two sums of two products, the first of each fused.
@inline(__always)
private func pairs(
  _ values: SIMD4<Float>, _ weights: SIMD4<Float>, _ a: Int, _ b: Int, _ c: Int, _ d: Int
) -> Float {
  fused(values[a], weights[a], values[b] * weights[b])
    + fused(values[c], weights[c], values[d] * weights[d])
}

/// Products added one after the other, the third and the fourth last.
@inline(__always)
private func chain(
  _ values: SIMD4<Float>, _ weights: SIMD4<Float>, _ a: Int, _ b: Int
) -> Float {
  let sum = fused(values[b], weights[b], values[a] * weights[a])
  return fused(values[3], weights[3], fused(values[2], weights[2], sum))
}

/// The even ones and the odd ones of four products, each added up.
@inline(__always)
private func separatePairs(_ products: SIMD4<Float>) -> Float {
  (products[0] + products[2]) + (products[1] + products[3])
}
