import CDLAKernels

/// Transforms a vector of 3×3 filters to the Winograd domain: columns, then rows.
func winogradWeights(_ call: WinogradWeightsCall) {
  var row = 0
  while row < call.side {
    let a = splat(call.rows[3 * row])
    let b = splat(call.rows[3 * row + 1])
    let c = splat(call.rows[3 * row + 2])
    let x = weighted(call.kernelElements, 0, a, b, c)
    let y = weighted(call.kernelElements, 1, a, b, c)
    let z = weighted(call.kernelElements, 2, a, b, c)
    var column = 0
    while column < call.side {
      let rows = call.rows + 3 * column
      let value = multiplyAdded(
        splat(rows[2]), z, multiplyAdded(splat(rows[1]), y, splat(rows[0]) * x))
      storeVector(call.destination + (row * call.side + column) * call.pointStep, value)
      column += 1
    }
    row += 1
  }
}

/// The three kernel elements of a column, each with its factor.
@inline(__always)
private func weighted(
  _ kernelElements: UnsafePointer<Float>, _ column: Int, _ a: Vector, _ b: Vector, _ c: Vector
) -> Vector {
  let first = load(kernelElements + column * lanes)
  let second = load(kernelElements + (column + 3) * lanes)
  let third = load(kernelElements + (column + 6) * lanes)
  return multiplyAdded(c, third, multiplyAdded(b, second, a * first))
}

/// Transforms gradients of filters back from the Winograd domain: rows, then columns.
func winogradWeightGradient(_ call: WinogradWeightGradientCall) {
  let rowStep = call.side * call.pointStep
  var filter = 0
  while filter < call.count {
    let to = call.destination + filter
    var column = 0
    while column < 3 {
      var first = splat(0)
      var second = splat(0)
      var third = splat(0)
      var row = 0
      while row < call.side {
        let points = call.source + filter + row * rowStep
        var value = splat(0)
        var point = 0
        while point < call.side {
          value = multiplyAdded(
            splat(call.rows[3 * point + column]), load(points + point * call.pointStep), value)
          point += 1
        }
        first = multiplyAdded(splat(call.rows[3 * row]), value, first)
        second = multiplyAdded(splat(call.rows[3 * row + 1]), value, second)
        third = multiplyAdded(splat(call.rows[3 * row + 2]), value, third)
        row += 1
      }
      storeVector(to + column * call.elementStep, first)
      storeVector(to + (column + 3) * call.elementStep, second)
      storeVector(to + (column + 6) * call.elementStep, third)
      column += 1
    }
    filter += lanes
  }
}
