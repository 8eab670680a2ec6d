import DLAKernelTypes

/// Sixteen channels are this many vectors.
private var vectorsPerPlane: Int { @inline(__always) get { 16 / lanes } }

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

/// Adds to the sums of one plane's values, less the pivot, and of their squares.
@Sendable
func normSums(_ call: NormSumsCall) {
  var v = 0
  while v < vectorsPerPlane {
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

/// Values of one plane, scaled, shifted, added to a shortcut and cut off at zero.
@Sendable
func normalize(_ call: NormalizeCall) {
  let floor = splat(call.relu ? 0 : -.infinity)
  var v = 0
  while v < vectorsPerPlane {
    let scale = load(call.scale + v * lanes)
    let shift = load(call.shift + v * lanes)
    var y = 0
    while y < call.rows {
      let source = call.source.base + y * call.source.row + v * lanes
      let destination = call.destination.base + y * call.destination.row + v * lanes
      var x = 0
      if let shortcut = call.shortcut {
        let added = shortcut.base + y * shortcut.row + v * lanes
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

/// A gradient behind a ReLU: none where its output is zero.
@inline(__always)
private func masked(_ gradient: Vector, by output: UnsafePointer<Float>?) -> Vector {
  guard let output else { return gradient }
  return splat(0).replacing(with: gradient, where: load(output) .> splat(0))
}

/// Adds to the sums of one plane's gradients, and of gradients times values less their mean.
@Sendable
func normGradientSums(_ call: NormGradientSumsCall) {
  var v = 0
  while v < vectorsPerPlane {
    let mean = load(call.mean + v * lanes)
    let total = call.sums + v * lanes
    var sums = Sums()
    var y = 0
    while y < call.rows {
      let gradients = call.gradient.base + y * call.gradient.row + v * lanes
      let values = call.value.base + y * call.value.row + v * lanes
      let outputs = call.output.map { $0.base + y * $0.row + v * lanes }
      var x = 0
      while x < call.width {
        let gradient = masked(load(gradients + x * 16), by: outputs.map { $0 + x * 16 })
        sums.add(gradient, load(values + x * 16) - mean, to: total)
        x += 1
      }
      y += 1
    }
    sums.carry(to: total)
    v += 1
  }
}

/// The gradients of one plane of a norm's input, and of the shortcut that was added behind it.
@Sendable
func normGradient(_ call: NormGradientCall) {
  var v = 0
  while v < vectorsPerPlane {
    let a = load(call.factors + v * lanes)
    let b = load(call.factors + 16 + v * lanes)
    let c = load(call.factors + 32 + v * lanes)
    var y = 0
    while y < call.rows {
      let gradients = call.gradient.base + y * call.gradient.row + v * lanes
      let values = call.value.base + y * call.value.row + v * lanes
      let outputs = call.output.map { $0.base + y * $0.row + v * lanes }
      let destination = call.destination.base + y * call.destination.row + v * lanes
      let shortcut = call.shortcut.map { $0.base + y * $0.row + v * lanes }
      var x = 0
      while x < call.width {
        let gradient = masked(load(gradients + x * 16), by: outputs.map { $0 + x * 16 })
        let value = multiplyAdded(b, load(values + x * 16), c)
        storeVector(destination + x * call.destination.pixel, multiplyAdded(a, gradient, value))
        if let shortcut {
          let sum = call.addsToShortcut ? load(shortcut + x * 16) + gradient : gradient
          storeVector(shortcut + x * 16, sum)
        }
        x += 1
      }
      y += 1
    }
    v += 1
  }
}

/// Passes each square's gradient to its first pixel that equals the maximum.
@Sendable
func maxPoolGradient(_ call: MaxPoolGradientCall) {
  var y = 0
  while y < call.rows {
    var x = 0
    while x < call.width {
      var v = 0
      while v < vectorsPerPlane {
        let largest = load(call.output.base + y * call.output.row + x * 16 + v * lanes)
        var rest = load(call.gradient.base + y * call.gradient.row + x * 16 + v * lanes)
        var row = 0
        while row < call.window {
          var column = 0
          while column < call.window {
            let pixel = (x * call.window + column) * 16 + v * lanes
            let line = y * call.window + row
            let isLargest =
              load(call.input.base + line * call.input.row + pixel) .== largest
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
