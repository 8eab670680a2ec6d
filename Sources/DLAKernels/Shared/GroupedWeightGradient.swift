import CDLAKernels

/// The gradient of the weights of one row of a grouped convolution's kernel, in float32: three vectors of
/// input, each times the lanes of its groups in a vector of gradients, summed over all pixels of a
/// rectangle of each image.
///
/// Permuting lane l to lane l ^ mask, for every mask below the groups' width, pairs each input of a
/// group with each of its outputs once. Products between groups are never computed, except for
/// groups of two, since masks are taken by four.
func groupedWeightGradient(_ call: GroupedWeightGradientCall) {
  groupedWeightGradient(call, Cross0.self)
  if call.masks > 4 { groupedWeightGradient(call, Cross4.self) }
  if lanes > 8, call.masks > 8 {
    groupedWeightGradient(call, Cross8.self)
    groupedWeightGradient(call, Cross12.self)
  }
}

/// The first of four masks.
private protocol Cross {
  static var mask: Int { get }
}

private enum Cross0: Cross {
  @inline(__always) static var mask: Int { 0 }
}
private enum Cross4: Cross {
  @inline(__always) static var mask: Int { 4 }
}
private enum Cross8: Cross {
  @inline(__always) static var mask: Int { 8 }
}
private enum Cross12: Cross {
  @inline(__always) static var mask: Int { 12 }
}

/// A vector of gradients by four masks.
private struct PermutedLanes {
  let a: Vector
  let b: Vector
  let c: Vector
  let d: Vector

  @inline(__always) init<C: Cross>(_ vector: Vector, _: C.Type) {
    a = permutedLanes(vector, mask: C.mask)
    b = permutedLanes(vector, mask: C.mask + 1)
    c = permutedLanes(vector, mask: C.mask + 2)
    d = permutedLanes(vector, mask: C.mask + 3)
  }
}

/// The sums of one kernel element by four masks.
private struct PermutedSums {
  private var a = splat(0)
  private var b = splat(0)
  private var c = splat(0)
  private var d = splat(0)

  @inline(__always) init() {}

  @inline(__always) mutating func add(_ input: Vector, _ gradient: PermutedLanes) {
    a = multiplyAdded(input, gradient.a, a)
    b = multiplyAdded(input, gradient.b, b)
    c = multiplyAdded(input, gradient.c, c)
    d = multiplyAdded(input, gradient.d, d)
  }

  @inline(__always) func add(to sums: UnsafeMutablePointer<Float>) {
    storeVector(sums, load(sums) + a)
    storeVector(sums + lanes, load(sums + lanes) + b)
    storeVector(sums + 2 * lanes, load(sums + 2 * lanes) + c)
    storeVector(sums + 3 * lanes, load(sums + 3 * lanes) + d)
  }
}

@inline(never)
private func groupedWeightGradient<C: Cross>(_ call: GroupedWeightGradientCall, _: C.Type) {
  var (left, middle, right) = (PermutedSums(), PermutedSums(), PermutedSums())
  let pixels = call.pixels
  // There is at least one pixel; see `weightGradient`.
  var image = 0
  repeat {
    var y = 0
    repeat {
      var input = pixels.input.base + image * pixels.inputImage + y * pixels.input.row
      var gradient = pixels.gradient.base + image * pixels.gradientImage + y * pixels.gradient.row
      var x = 0
      repeat {
        let permuted = PermutedLanes(load(gradient), C.self)
        left.add(load(input), permuted)
        middle.add(load(input + 16), permuted)
        right.add(load(input + 32), permuted)
        input += pixels.input.pixel
        gradient += pixels.gradient.pixel
        x += 1
      } while x < pixels.width
      y += 1
    } while y < pixels.rows
    image += 1
  } while image < pixels.images
  let sums = call.sums + C.mask * lanes
  left.add(to: sums)
  middle.add(to: sums + call.masks * lanes)
  right.add(to: sums + 2 * call.masks * lanes)
}
