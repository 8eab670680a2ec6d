/// Resizes to another size as OpenCV's `INTER_LINEAR` on 8 bits does and returns the window, equal
/// byte for byte.
///
/// Weights have 11 fractional bits. Rows first, kept at 19 bits; then columns, in the steps of the
/// 16-bit SIMD code, whose plain code gives the same: each product loses 4 bits before and 16 after.
/// Source: `resize.cpp`, `HResizeLinear` and `VResizeLinear`; compared with OpenCV 5.0.
///
/// `place` gives the first input of an output and the weight of the second, by the output's index
/// and the ratio of output to input.
func resizeLinear(
  _ image: RGBImage, _ window: Window,
  place: (_ index: Int, _ ratio: Double) -> (first: Int, fraction: Float) = linearPlace
) -> RGBImage {
  let across = linearTaps(
    input: image.width, output: window.resized.width, range: window.columns, clampsWeight: true,
    place)
  let down = linearTaps(
    input: image.height, output: window.resized.height, range: window.rows, clampsWeight: false,
    place)
  let count = window.columns.count * 3
  return RGBImage(width: window.columns.count, height: window.rows.count) { target in
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      // The two latest rows stay: when enlarging, the next output row reads them again.
      let buffer = UnsafeMutablePointer<Int32>.allocate(capacity: count * 2)
      defer { buffer.deallocate() }
      var held = (-1, -1)
      for (row, tap) in down.enumerated() {
        for source in [tap.first, tap.second] {
          let slot = source % 2
          guard (slot == 0 ? held.0 : held.1) != source else { continue }
          interpolateRow(base + source * image.width * 3, across, into: buffer + slot * count)
          if slot == 0 { held.0 = source } else { held.1 = source }
        }
        blendRows(
          buffer + tap.first % 2 * count, buffer + tap.second % 2 * count, tap, count: count,
          into: target + row * count)
      }
    }
  }
}

/// The two inputs of one output along a side, and their weights of 11 fractional bits.
private struct LinearTap {
  let first: Int
  let second: Int
  let firstWeight: Int32
  let secondWeight: Int32
}

/// Finds the inputs of each output.
///
/// Past the ends of a row the weight becomes 0; past the ends of a column both inputs are the same
/// row with the weights kept, which can round differently.
private func linearTaps(
  input: Int, output: Int, range: Range<Int>, clampsWeight: Bool,
  _ place: (Int, Double) -> (first: Int, fraction: Float)
) -> [LinearTap] {
  range.map { index in
    var (start, fraction) = place(index, Double(output) / Double(input))
    if clampsWeight, start < 0 || start >= input - 1 {
      start = max(0, min(start, input - 1))
      fraction = 0
    }
    return LinearTap(
      first: max(0, min(start, input - 1)), second: max(0, min(start + 1, input - 1)),
      firstWeight: Int32(((1 - fraction) * 2_048).rounded(.toNearestOrEven)),
      secondWeight: Int32((fraction * 2_048).rounded(.toNearestOrEven)))
  }
}

/// The place of `INTER_LINEAR`: pixels' centres lie at half numbers.
private func linearPlace(_ index: Int, _ ratio: Double) -> (first: Int, fraction: Float) {
  let position = Float((Double(index) + 0.5) * (1 / ratio) - 0.5)
  return (Int(position.rounded(.down)), position - position.rounded(.down))
}

private func interpolateRow(
  _ source: UnsafePointer<UInt8>, _ taps: [LinearTap], into target: UnsafeMutablePointer<Int32>
) {
  taps.withUnsafeBufferPointer { taps in
    var target = target
    for tap in taps {
      let first = source + tap.first * 3
      let second = source + tap.second * 3
      for channel in 0..<3 {
        target[channel] =
          Int32(first[channel]) &* tap.firstWeight &+ Int32(second[channel]) &* tap.secondWeight
      }
      target += 3
    }
  }
}

private func blendRows(
  _ first: UnsafePointer<Int32>, _ second: UnsafePointer<Int32>, _ tap: LinearTap, count: Int,
  into target: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count {
    let a = ((first[x] >> 4) &* tap.firstWeight) >> 16
    let b = ((second[x] >> 4) &* tap.secondWeight) >> 16
    target[x] = UInt8(truncatingIfNeeded: (a &+ b &+ 2) >> 2)
  }
}
