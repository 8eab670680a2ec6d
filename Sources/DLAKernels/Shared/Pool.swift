import CDLAKernels

/// Sixteen channels are this many vectors.
private var vectorsPerChannelBlock: Int { @inline(__always) get { 16 / lanes } }

/// Computes each vector of some rows from the corner of the window that it covers.
@inline(__always)
private func forEachWindow(
  _ geometry: RowGeometry, stride: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange,
  _ value: (_ corner: UnsafePointer<Float>) -> Vector
) {
  var y = rows.lowerBound
  while y < rows.upperBound {
    var x = 0
    while x < geometry.width {
      var lane = 0
      while lane < 16 {
        let corner = source + y * stride * geometry.sourceRow + x * stride * 16 + lane
        storeVector(destination + y * geometry.destinationRow + x * 16 + lane, value(corner))
        lane += lanes
      }
      x += 1
    }
    y += 1
  }
}

/// The maximum of each `window`×`window` square, for some output rows of one channel block.
func maxPool(
  _ geometry: RowGeometry, _ window: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange
) {
  forEachWindow(geometry, stride: window, source, destination, rows) { corner in
    var largest = load(corner)
    var row = 0
    while row < window {
      var column = 0
      while column < window {
        largest = maximum(largest, load(corner + row * geometry.sourceRow + column * 16))
        column += 1
      }
      row += 1
    }
    return largest
  }
}

/// The mean of each 3×3 square at a distance of `stride`, for some output rows of one channel block.
func averagePool3x3(
  _ geometry: RowGeometry, _ stride: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange
) {
  let ninth = splat(1 / 9)
  forEachWindow(geometry, stride: stride, source, destination, rows) { corner in
    var sum = splat(0)
    var row = 0
    while row < 3 {
      let line = corner + row * geometry.sourceRow
      sum += load(line) + load(line + 16) + load(line + 32)
      row += 1
    }
    return sum * ninth
  }
}

/// The mean of `rows`×`width` pixels of one channel block.
func globalAverage(
  _ geometry: RowGeometry, _ rows: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>
) {
  let scale = splat(1 / Float(rows * geometry.width))
  var v = 0
  while v < vectorsPerChannelBlock {
    var total = splat(0)
    var y = 0
    while y < rows {
      // Row sums first: fewer additions to one number, less rounding.
      var sum = splat(0)
      var x = 0
      while x < geometry.width {
        sum += load(source + y * geometry.sourceRow + x * 16 + v * lanes)
        x += 1
      }
      total += sum
      y += 1
    }
    storeVector(destination + v * lanes, total * scale)
    v += 1
  }
}

/// destination = source + other, for some rows of one channel block.
func addRows(
  _ geometry: RowGeometry, _ source: UnsafePointer<Float>, _ other: UnsafePointer<Float>,
  _ otherRow: Int, _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange
) {
  var y = rows.lowerBound
  while y < rows.upperBound {
    var i = 0
    while i < geometry.width * 16 {
      storeVector(
        destination + y * geometry.destinationRow + i,
        load(source + y * geometry.sourceRow + i) + load(other + y * otherRow + i))
      i += lanes
    }
    y += 1
  }
}
