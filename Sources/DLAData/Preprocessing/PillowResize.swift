/// Resizes as PIL's `resize(size, BILINEAR)` does and returns the window, equal byte for byte.
///
/// First along rows, rounded to 8 bits, then along columns; both in 32-bit fixed point.
///
/// - Parameters:
///   - image: the whole picture.
///   - window: the size of the whole result, and the part of it to compute.
/// - Returns: the part.
func resizePillow(_ image: Image, _ window: Window) -> Image {
  let across = PillowFilter(
    input: image.width, output: window.resized.width, range: window.columns)
  let down = PillowFilter(input: image.height, output: window.resized.height, range: window.rows)
  let rows = down.inputs
  let rowBytes = window.columns.count * 3
  let narrowed = UnsafeMutablePointer<UInt8>.allocate(capacity: rows.count * rowBytes)
  defer { narrowed.deallocate() }

  image.pixels.withUnsafeBufferPointer { pixels in
    guard let base = pixels.baseAddress else { return }
    if image.width == window.resized.width {
      for row in rows {
        let source = base + (row * image.width + window.columns.lowerBound) * 3
        (narrowed + (row - rows.lowerBound) * rowBytes).update(from: source, count: rowBytes)
      }
    } else {
      for row in rows {
        filterRow(
          base + row * image.width * 3, across,
          into: narrowed + (row - rows.lowerBound) * rowBytes)
      }
    }
  }
  return Image(width: window.columns.count, height: window.rows.count) { pixels in
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: rowBytes)
    defer { sums.deallocate() }
    for row in 0..<window.rows.count {
      let first = narrowed + (down.starts[row] - rows.lowerBound) * rowBytes
      down.weights.withUnsafeBufferPointer { weights in
        let weights = UnsafeBufferPointer(rebasing: weights.dropFirst(row * down.stride))
        sumRows(
          first, weights: weights, count: down.counts[row], rowBytes: rowBytes, sums: sums,
          into: pixels + row * rowBytes)
      }
    }
  }
}

private let half: Int32 = 1 << (PillowFilter.precision - 1)

/// What PIL's `clip8` does: drop the fraction, keep to 0 to 255.
@inline(__always)
private func clipped(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: min(max(sum >> PillowFilter.precision, 0), 255))
}

/// Filters one row of pixels along the row.
private func filterRow(
  _ source: UnsafePointer<UInt8>, _ filter: PillowFilter, into target: UnsafeMutablePointer<UInt8>
) {
  filter.weights.withUnsafeBufferPointer { weights in
    filter.starts.withUnsafeBufferPointer { starts in
      filter.counts.withUnsafeBufferPointer { counts in
        guard var weight = weights.baseAddress else { return }
        var target = target
        for index in 0..<starts.count {
          var pixel = source + starts[index] * 3
          var red = half
          var green = half
          var blue = half
          for i in 0..<counts[index] {
            red &+= Int32(pixel[0]) &* weight[i]
            green &+= Int32(pixel[1]) &* weight[i]
            blue &+= Int32(pixel[2]) &* weight[i]
            pixel += 3
          }
          target[0] = clipped(red)
          target[1] = clipped(green)
          target[2] = clipped(blue)
          target += 3
          weight += filter.stride
        }
      }
    }
  }
}

/// Adds up weighted rows.
private func sumRows(
  _ source: UnsafePointer<UInt8>, weights: UnsafeBufferPointer<Int32>, count: Int, rowBytes: Int,
  sums: UnsafeMutablePointer<Int32>, into target: UnsafeMutablePointer<UInt8>
) {
  sums.update(repeating: half, count: rowBytes)
  for i in 0..<count {
    let row = source + i * rowBytes
    let weight = weights[i]
    for x in 0..<rowBytes { sums[x] &+= Int32(row[x]) &* weight }
  }
  for x in 0..<rowBytes { target[x] = clipped(sums[x]) }
}
