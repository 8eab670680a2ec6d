import CDLAKernels

/// Sixteen channels are this many vectors.
private var vectorsPerChannelBlock: Int { @inline(__always) get { 16 / lanes } }

/// Sums in float32 are carried over into float64 after this many pixels.
private var pixelsPerSum: Int { @inline(__always) get { 64 } }

/// Two vectors of sums that are carried over into float64 again and again.
private struct Sums {
  private var first = splat(0)
  private var second = splat(0)
  private var pixels = 0

  @inline(__always) init() {}

  @inline(__always)
  mutating func add(_ a: Vector, _ b: Vector, to sums: UnsafeMutablePointer<Double>) {
    first += a
    second = multiplyAdded(a, b, second)
    pixels += 1
    if pixels == pixelsPerSum { carry(to: sums) }
  }

  @inline(__always)
  mutating func carry(to sums: UnsafeMutablePointer<Double>) {
    var lane = 0
    while lane < lanes {
      sums[lane] += Double(first[lane])
      sums[16 + lane] += Double(second[lane])
      lane += 1
    }
    first = splat(0)
    second = splat(0)
    pixels = 0
  }
}

/// Adds to the sums of one channel block's values, less the pivot, and of their squares.
func batchNormSums(_ call: BatchNormSumsCall) {
  var v = 0
  while v < vectorsPerChannelBlock {
    let pivot = load(call.pivot + v * lanes)
    let total = call.sums + v * lanes
    var sums = Sums()
    var y = 0
    while y < call.rows {
      let row = call.source.base + y * call.source.row + v * lanes
      var x = 0
      while x < call.width {
        let value = load(row + x * 16) - pivot
        sums.add(value, value, to: total)
        x += 1
      }
      y += 1
    }
    sums.carry(to: total)
    v += 1
  }
}

/// Values of one channel block, scaled, shifted, added to a shortcut and cut off at zero.
func batchNorm(_ call: BatchNormCall) {
  let floor = splat(call.relu ? 0 : -.infinity)
  var v = 0
  while v < vectorsPerChannelBlock {
    let scale = load(call.scale + v * lanes)
    let shift = load(call.shift + v * lanes)
    var y = 0
    while y < call.rows {
      let source = call.source.base + y * call.source.row + v * lanes
      let destination = call.destination.base + y * call.destination.row + v * lanes
      var x = 0
      if let shortcut = call.shortcut {
        let added = shortcut + y * call.shortcutRow + v * lanes
        while x < call.width {
          let value = multiplyAdded(load(source + x * 16), scale, shift) + load(added + x * 16)
          storeVector(destination + x * 16, maximum(floor, value))
          x += 1
        }
      } else {
        while x < call.width {
          let value = multiplyAdded(load(source + x * 16), scale, shift)
          storeVector(destination + x * 16, maximum(floor, value))
          x += 1
        }
      }
      y += 1
    }
    v += 1
  }
}

/// The gradient of a ReLU after the batch norm: a mask for a vector of gradients.
private protocol Mask {
  func masked(_ gradient: Vector, value: Vector, y: Int, x: Int) -> Vector
}

private struct NoMask: Mask {
  @inline(__always) func masked(_ gradient: Vector, value: Vector, y: Int, x: Int) -> Vector {
    gradient
  }
}

/// Zero where the output is zero.
private struct OutputMask: Mask {
  let base: UnsafePointer<Float>
  let row: Int

  @inline(__always) init(_ relu: ReLUMask, lane: Int) {
    base = relu.output + lane
    row = relu.outputRow
  }

  @inline(__always) func masked(_ gradient: Vector, value: Vector, y: Int, x: Int) -> Vector {
    let output = load(base + y * row + x * 16)
    return splat(0).replacing(with: gradient, where: output .> splat(0))
  }
}

/// Zero where scale and shift, as in `normalize`, give zero or less.
private struct ValueMask: Mask {
  let scale: Vector
  let shift: Vector

  @inline(__always) init(_ relu: ReLUMask, lane: Int) {
    scale = load(relu.scale + lane)
    shift = load(relu.shift + lane)
  }

  @inline(__always) func masked(_ gradient: Vector, value: Vector, y: Int, x: Int) -> Vector {
    let output = multiplyAdded(value, scale, shift)
    return splat(0).replacing(with: gradient, where: output .> splat(0))
  }
}

/// Adds to the sums of one channel block's gradients, and of gradients times values less their mean.
func batchNormGradientSums(_ call: BatchNormGradientSumsCall) {
  var lane = 0
  while lane < 16 {
    switch call.relu.kind {
    case .none: gradientSums(call, lane, NoMask())
    case .output: gradientSums(call, lane, OutputMask(call.relu, lane: lane))
    case .values: gradientSums(call, lane, ValueMask(call.relu, lane: lane))
    }
    lane += lanes
  }
}

private func gradientSums<M: Mask>(_ call: BatchNormGradientSumsCall, _ lane: Int, _ mask: M) {
  let mean = load(call.mean + lane)
  let total = call.sums + lane
  var sums = Sums()
  var y = 0
  while y < call.rows {
    let gradients = call.gradient.base + y * call.gradient.row + lane
    let values = call.value.base + y * call.value.row + lane
    var x = 0
    while x < call.width {
      let value = load(values + x * 16)
      let gradient = mask.masked(load(gradients + x * 16), value: value, y: y, x: x)
      sums.add(gradient, value - mean, to: total)
      x += 1
    }
    y += 1
  }
  sums.carry(to: total)
}

/// The gradients of one channel block of a batch norm's input, and of the shortcut that was added behind it.
func batchNormGradient(_ call: BatchNormGradientCall) {
  var lane = 0
  while lane < 16 {
    switch call.relu.kind {
    case .none: inputGradients(call, lane, NoMask())
    case .output: inputGradients(call, lane, OutputMask(call.relu, lane: lane))
    case .values: inputGradients(call, lane, ValueMask(call.relu, lane: lane))
    }
    lane += lanes
  }
}

private func inputGradients<M: Mask>(_ call: BatchNormGradientCall, _ lane: Int, _ mask: M) {
  let a = load(call.factors + lane)
  let b = load(call.factors + 16 + lane)
  let c = load(call.factors + 32 + lane)
  var y = 0
  while y < call.rows {
    let gradients = call.gradient.base + y * call.gradient.row + lane
    let values = call.value.base + y * call.value.row + lane
    let destination = call.destination.base + y * call.destination.row + lane
    let shortcut = call.shortcut.map { $0 + y * call.shortcutRow + lane }
    var x = 0
    while x < call.width {
      let value = load(values + x * 16)
      // Read before its place is written, which may be the same.
      let gradient = mask.masked(load(gradients + x * 16), value: value, y: y, x: x)
      storeVector(destination + x * 16, multiplyAdded(a, gradient, multiplyAdded(b, value, c)))
      if let shortcut {
        let sum = call.addsToShortcut ? load(shortcut + x * 16) + gradient : gradient
        storeVector(shortcut + x * 16, sum)
      }
      x += 1
    }
    y += 1
  }
}

/// Passes each square's gradient to its first pixel that equals the maximum.
func maxPoolGradient(_ call: MaxPoolGradientCall) {
  var y = 0
  while y < call.rows {
    var x = 0
    while x < call.width {
      var v = 0
      while v < vectorsPerChannelBlock {
        let largest = load(call.output.base + y * call.output.row + x * 16 + v * lanes)
        var rest = load(call.gradient.base + y * call.gradient.row + x * 16 + v * lanes)
        var row = 0
        while row < call.window {
          var column = 0
          while column < call.window {
            let pixel = (x * call.window + column) * 16 + v * lanes
            let line = y * call.window + row
            let isLargest = load(call.input.base + line * call.input.row + pixel) .== largest
            var value = splat(0).replacing(with: rest, where: isLargest)
            rest.replace(with: splat(0), where: isLargest)
            let destination = call.destination.base + line * call.destination.row + pixel
            if call.adds { value += load(destination) }
            storeVector(destination, value)
            column += 1
          }
          row += 1
        }
        v += 1
      }
      x += 1
    }
    y += 1
  }
}
