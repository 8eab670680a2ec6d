/// Resizes to another size as PIL's `resize` does and returns the window, equal byte for byte.
///
/// Along rows and along columns, in 32-bit fixed point, rounded to 8 bits after each. Which comes
/// first shows in the last bit: rows, unless the height shrinks by more than twice what the width
/// does. Source: Pillow's `Resample.c`; the order is Pillow 13's, found by experiment (before 13,
/// rows always came first).
func resizePillow(
  _ image: RGBImage, _ window: Window, _ interpolation: Resampling.Interpolation
) -> RGBImage {
  let (width, height) = window.resized
  let across = PillowFilter(
    interpolation, input: image.width, output: width, range: window.columns)
  let down = PillowFilter(interpolation, input: image.height, output: height, range: window.rows)
  let startsDown = height < image.height && image.height - height > 2 * (image.width - width)

  return image.pixels.withUnsafeBufferPointer { pixels in
    RGBImage(width: window.columns.count, height: window.rows.count) { target in
      guard let base = pixels.baseAddress else { return }
      let firstColumn = across.inputs.lowerBound
      let firstRow = down.inputs.lowerBound
      let whole = Strip(
        base: base + (firstRow * image.width + firstColumn) * 3, rowBytes: image.width * 3)
      let rowBytes = (startsDown ? across.inputs.count : window.columns.count) * 3
      let rows = startsDown ? window.rows.count : down.inputs.count
      let between = UnsafeMutablePointer<UInt8>.allocate(capacity: rows * rowBytes)
      defer { between.deallocate() }
      let half = Strip(base: between, rowBytes: rowBytes)
      if startsDown {
        filterColumns(whole, down, first: firstRow, rowBytes: rowBytes, into: between)
        filterRows(half, across, first: firstColumn, rows: rows, into: target)
      } else {
        filterRows(whole, across, first: firstColumn, rows: rows, into: between)
        filterColumns(half, down, first: firstRow, rowBytes: rowBytes, into: target)
      }
    }
  }
}

/// Rows of pixels in memory.
private struct Strip {
  /// The first pixel that is read.
  let base: UnsafePointer<UInt8>
  /// The distance from row to row.
  let rowBytes: Int
}

private let half: Int32 = 1 << (PillowFilter.precision - 1)

/// PIL's `clip8`: truncates and clamps to 0 to 255.
@inline(__always)
private func clipped(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: min(max(sum >> PillowFilter.precision, 0), 255))
}

/// Filters along each row; `source` starts at column `first`.
private func filterRows(
  _ source: Strip, _ filter: PillowFilter, first: Int, rows: Int,
  into target: UnsafeMutablePointer<UInt8>
) {
  filter.withTaps { taps in
    var target = target
    for row in 0..<rows {
      let start = source.base + row * source.rowBytes
      for tap in taps {
        var pixel = start + (tap.start - first) * 3
        var (red, green, blue) = (half, half, half)
        for i in 0..<tap.count {
          red &+= Int32(pixel[0]) &* tap.weights[i]
          green &+= Int32(pixel[1]) &* tap.weights[i]
          blue &+= Int32(pixel[2]) &* tap.weights[i]
          pixel += 3
        }
        target[0] = clipped(red)
        target[1] = clipped(green)
        target[2] = clipped(blue)
        target += 3
      }
    }
  }
}

/// Filters along columns, of which `rowBytes` are side by side; `source` starts at row `first`.
private func filterColumns(
  _ source: Strip, _ filter: PillowFilter, first: Int, rowBytes: Int,
  into target: UnsafeMutablePointer<UInt8>
) {
  let sums = UnsafeMutablePointer<Int32>.allocate(capacity: rowBytes)
  defer { sums.deallocate() }
  filter.withTaps { taps in
    var target = target
    for tap in taps {
      sums.initialize(repeating: half, count: rowBytes)
      for i in 0..<tap.count {
        let row = source.base + (tap.start - first + i) * source.rowBytes
        let weight = tap.weights[i]
        for x in 0..<rowBytes { sums[x] &+= Int32(row[x]) &* weight }
      }
      for x in 0..<rowBytes { target[x] = clipped(sums[x]) }
      target += rowBytes
    }
  }
}
