import CDLAKernels

/// Sixteen channels are this many vectors.
private var vectorsPerChannelBlock: Int { @inline(__always) get { 16 / lanes } }

/// The maximum of each `window`×`window` square, for some output rows of one channel block.
func maxPool(
  _ geometry: RowGeometry, _ window: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange
) {
  var y = rows.lowerBound
  while y < rows.upperBound {
    var x = 0
    while x < geometry.width {
      var v = 0
      while v < vectorsPerChannelBlock {
        let corner = source + y * window * geometry.sourceRow + x * window * 16 + v * lanes
        var largest = load(corner)
        var row = 0
        while row < window {
          let kernelElements = corner + row * geometry.sourceRow
          var column = 0
          while column < window {
            largest = maximum(largest, load(kernelElements + column * 16))
            column += 1
          }
          row += 1
        }
        storeVector(destination + y * geometry.destinationRow + x * 16 + v * lanes, largest)
        v += 1
      }
      x += 1
    }
    y += 1
  }
}

/// The mean of each 3×3 square at a distance of `stride`, for some output rows of one channel block.
func averagePool3x3(
  _ geometry: RowGeometry, _ stride: Int, _ source: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ rows: IndexRange
) {
  let ninth = splat(1 / 9)
  var y = rows.lowerBound
  while y < rows.upperBound {
    var x = 0
    while x < geometry.width {
      var v = 0
      while v < vectorsPerChannelBlock {
        let corner = source + y * stride * geometry.sourceRow + x * stride * 16 + v * lanes
        var sum = splat(0)
        var row = 0
        while row < 3 {
          let kernelElements = corner + row * geometry.sourceRow
          sum += load(kernelElements) + load(kernelElements + 16) + load(kernelElements + 32)
          row += 1
        }
        storeVector(destination + y * geometry.destinationRow + x * 16 + v * lanes, sum * ninth)
        v += 1
      }
      x += 1
    }
    y += 1
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
