import CDLAKernels

/// A grouped 3×3 convolution of one vector of channels, in float32.
///
/// An output channel reads only the channels of its group, so an input can't be broadcast to all
/// lanes. Each vector of the source is multiplied as it lies: for each mask below the groups'
/// width, lane l sums what input l gives to output l ^ mask. When all nine kernel elements are
/// summed, lanes are permuted by their masks and added.
func convolveGrouped(_ geometry: GroupedConvolution, _ call: GroupedConvolutionCall) {
  switch (geometry.groupWidth, geometry.stride) {
  case (2, 1): convolveRows(geometry, call, Group2.self, VectorAccess.self, Group2Tiles.self)
  case (4, 1): convolveRows(geometry, call, Group4.self, VectorAccess.self, Group4Tiles.self)
  case (8, 1): convolveRows(geometry, call, Group8.self, VectorAccess.self, Group8Tiles.self)
  case (2, _): convolveRows(geometry, call, Group2.self, VectorStride2Access.self, Group2Tiles.self)
  case (4, _): convolveRows(geometry, call, Group4.self, VectorStride2Access.self, Group4Tiles.self)
  default: convolveRows(geometry, call, Group8.self, VectorStride2Access.self, Group8Tiles.self)
  }
}

/// A vector of a channel block a pixel.
private enum VectorAccess: Access {
  @inline(__always) static var pixelStep: Int { 16 }
  @inline(__always) static func kernelElement(_ source: UnsafePointer<Float>) -> Vector {
    load(source)
  }
}

/// The same of every other pixel.
private enum VectorStride2Access: Access {
  @inline(__always) static var pixelStep: Int { 32 }
  @inline(__always) static func kernelElement(_ source: UnsafePointer<Float>) -> Vector {
    load(source)
  }
}

/// One output vector as sums by masks.
private protocol GroupPixel: Pixel {
  /// The sums with their lanes where they belong.
  var total: Vector { get }
}

extension GroupPixel {
  /// Weights by masks lie side by side, wherever another vector would be.
  @inline(__always)
  static func loadWeights(_ source: UnsafePointer<Float>, vector: Int) -> Weights {
    loadWeights(source)
  }
  @inline(__always)
  func store(_ destination: UnsafeMutablePointer<Float>, vector: Int, floor: Vector) {
    storeVector(destination, maximum(floor, total))
  }
}

/// Lanes that stay where they are.
private struct Group1: GroupPixel {
  private var sum: Vector

  @inline(__always) static var vectors: Int { 1 }
  @inline(__always) static func loadWeights(_ source: UnsafePointer<Float>) -> Vector {
    load(source)
  }
  @inline(__always) static var zero: Self { Self(sum: splat(0)) }
  @inline(__always) private init(sum: Vector) { self.sum = sum }
  @inline(__always) init(bias: UnsafePointer<Float>) { sum = load(bias) }
  @inline(__always) var total: Vector { sum }
  @inline(__always) mutating func multiplyAdd(_ kernelElement: Vector, _ weights: Vector) {
    sum = multiplyAdded(kernelElement, weights, sum)
  }
  @inline(__always) mutating func add(_ source: UnsafePointer<Float>, vector: Int) {
    sum += load(source)
  }
}

/// Twice as many masks: those of a half, and the same with the next bit set.
private struct LanePermutation<Half: GroupPixel>: GroupPixel {
  private var low: Half
  private var high: Half

  @inline(__always) static var vectors: Int { 2 * Half.vectors }
  @inline(__always) static func loadWeights(
    _ source: UnsafePointer<Float>
  ) -> (Half.Weights, Half.Weights) {
    (Half.loadWeights(source), Half.loadWeights(source + Half.vectors * lanes))
  }
  @inline(__always) static var zero: Self { Self(low: .zero, high: .zero) }
  @inline(__always) private init(low: Half, high: Half) {
    (self.low, self.high) = (low, high)
  }
  @inline(__always) init(bias: UnsafePointer<Float>) {
    low = Half(bias: bias)
    high = .zero
  }
  @inline(__always) var total: Vector { low.total + permutedLanes(high.total, mask: Half.vectors) }
  @inline(__always)
  mutating func multiplyAdd(_ kernelElement: Vector, _ weights: (Half.Weights, Half.Weights)) {
    low.multiplyAdd(kernelElement, weights.0)
    high.multiplyAdd(kernelElement, weights.1)
  }
  @inline(__always) mutating func add(_ source: UnsafePointer<Float>, vector: Int) {
    low.add(source, vector: vector)
  }
}

private typealias Group2 = LanePermutation<Group1>
private typealias Group4 = LanePermutation<Group2>
private typealias Group8 = LanePermutation<Group4>

/// Splits each row evenly into tiles.
private func convolveRows<P: GroupPixel, A: Access, S: TileSet>(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall, _: P.Type, _: A.Type, _: S.Type
) {
  let tiles = (call.width + S.maximum - 1) / S.maximum
  var y = call.rows.lowerBound
  while y < call.rows.upperBound {
    var x = 0
    var tile = 0
    while tile < tiles {
      let end = (tile + 1) * call.width / tiles
      S.visit(columns: end - x, GroupedTile<P, A>(geometry: geometry, call: call, y: y, x: x))
      x = end
      tile += 1
    }
    y += 1
  }
}

/// The tile at one place of a grouped convolution.
private struct GroupedTile<Unit: Pixel, A: Access>: TileVisitor {
  let geometry: GroupedConvolution
  let call: GroupedConvolutionCall
  let y: Int
  let x: Int

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    convolveTile(geometry, call, T.self, A.self, y: y, x: x)
  }
}

@inline(never)
private func convolveTile<T: Tile, A: Access>(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall, _: T.Type, _: A.Type, y: Int,
  x: Int
) {
  var source = call.source + y * geometry.stride * geometry.sourceRow + x * A.pixelStep
  var weights = call.weights
  var tile = T(bias: call.bias)
  var row = 0
  while row < 3 {
    var kernelElement = 0
    while kernelElement < 3 {
      tile.accumulate(source + kernelElement * 16, row: 0, T.Unit.loadWeights(weights), A.self)
      weights += T.Unit.vectors * lanes
      kernelElement += 1
    }
    source += geometry.sourceRow
    row += 1
  }
  tile.store(
    call.destination + y * geometry.destinationRow + x * 16, row: 0, pixel: 16, vector: 0,
    floor: splat(geometry.relu ? 0 : -.infinity))
}
