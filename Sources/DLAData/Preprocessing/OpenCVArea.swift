/// Resizes to another size as OpenCV's `INTER_AREA` on 8 bits does and returns the window, equal
/// byte for byte.
///
/// Whole ratios: the rounded mean of the pixels. Others: shares of pixels in float32, rows first. An
/// image that grows on one side or both is interpolated linearly, from other places than by
/// `INTER_LINEAR`. Source: `resize.cpp`, `computeResizeAreaTab`, `ResizeArea_Invoker` and
/// `ResizeAreaFast_Invoker`; compared with OpenCV 5.0.
func resizeArea(_ image: RGBImage, _ window: Window) -> RGBImage {
  let across = AreaSide(input: image.width, output: window.resized.width)
  let down = AreaSide(input: image.height, output: window.resized.height)
  guard across.scale >= 1, down.scale >= 1 else {
    return resizeLinear(image, window) { index, ratio in
      let first = Int((Double(index) * (1 / ratio)).rounded(.down))
      let end = Float(Double(index + 1) - Double(first + 1) * ratio)
      return (first, end <= 0 ? 0 : end - end.rounded(.down))
    }
  }
  if let columns = across.wholeScale, let rows = down.wholeScale {
    return averageBlocks(image, window, width: columns, height: rows)
  }
  return averageShares(
    image, window, across: window.columns.map(across.shares), down: window.rows.map(down.shares))
}

/// A side that shrinks.
private struct AreaSide {
  let input: Int
  /// Inputs per output.
  let scale: Double

  init(input: Int, output: Int) {
    self.input = input
    scale = 1 / (Double(output) / Double(input))
  }

  /// The scale if it is a whole number.
  var wholeScale: Int? {
    let whole = scale.rounded(.toNearestOrEven)
    return (scale - whole).magnitude < .ulpOfOne ? Int(whole) : nil
  }

  /// The inputs of an output and their shares, which add up to 1; parts of inputs below a
  /// thousandth are left out.
  func shares(of index: Int) -> AreaShares {
    let start = Double(index) * scale
    let end = start + scale
    let length = min(scale, Double(input) - start)
    let last = min(Int(end.rounded(.down)), input - 1)
    let first = min(Int(start.rounded(.up)), last)
    var shares = [Float](repeating: Float(1 / length), count: last - first)
    var origin = first
    if Double(first) - start > 1e-3 {
      shares.insert(Float((Double(first) - start) / length), at: 0)
      origin -= 1
    }
    if end - Double(last) > 1e-3 {
      shares.append(Float(min(end - Double(last), 1, length) / length))
    }
    return AreaShares(first: origin, shares: shares)
  }
}

private struct AreaShares {
  /// The first input.
  let first: Int
  let shares: [Float]
}

private func averageBlocks(
  _ image: RGBImage, _ window: Window, width: Int, height: Int
) -> RGBImage {
  let rowBytes = image.width * 3
  let share = 1 / Float(width * height)
  return RGBImage(width: window.columns.count, height: window.rows.count) { target in
    image.pixels.withUnsafeBufferPointer { pixels in
      var target = target
      for row in window.rows {
        for column in window.columns {
          for channel in 0..<3 {
            var sum = 0
            for y in 0..<height {
              let start = (row * height + y) * rowBytes + column * width * 3 + channel
              for x in 0..<width { sum += Int(pixels[start + x * 3]) }
            }
            // OpenCV's vector code for blocks of 2×2 rounds halves up.
            target[channel] =
              width == 2 && height == 2 ? UInt8((sum + 2) >> 2) : rounded(Float(sum) * share)
          }
          target += 3
        }
      }
    }
  }
}

private func averageShares(
  _ image: RGBImage, _ window: Window, across: [AreaShares], down: [AreaShares]
) -> RGBImage {
  let count = window.columns.count * 3
  return RGBImage(width: window.columns.count, height: window.rows.count) { target in
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      let line = UnsafeMutablePointer<Float>.allocate(capacity: count * 2)
      defer { line.deallocate() }
      let sums = line + count
      // The latest row stays: the next output may share it.
      var held = -1
      for (row, rows) in down.enumerated() {
        for (index, share) in rows.shares.enumerated() {
          let source = rows.first + index
          if source != held { averageRow(base + source * image.width * 3, across, into: line) }
          held = source
          for x in 0..<count { sums[x] = index == 0 ? line[x] * share : sums[x] + line[x] * share }
        }
        for x in 0..<count { target[row * count + x] = rounded(sums[x]) }
      }
    }
  }
}

private func averageRow(
  _ source: UnsafePointer<UInt8>, _ columns: [AreaShares], into target: UnsafeMutablePointer<Float>
) {
  var target = target
  for column in columns {
    var pixel = source + column.first * 3
    var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
    for share in column.shares {
      red += Float(pixel[0]) * share
      green += Float(pixel[1]) * share
      blue += Float(pixel[2]) * share
      pixel += 3
    }
    (target[0], target[1], target[2]) = (red, green, blue)
    target += 3
  }
}

/// OpenCV's `saturate_cast`: the nearest level, halves to even.
func rounded(_ level: Float) -> UInt8 {
  UInt8(min(max(level, 0), 255).rounded(.toNearestOrEven))
}
