import DLAKernelTypes

/// Taps that were spread over the lanes beforehand: `G` vectors a pixel, in steps of `S` pixels.
private protocol Spread: Access {
  static var groupWidth: Int { get }
  static var stride: Int { get }
}

extension Spread {
  @inline(__always) static var pixelStep: Int { groupWidth * stride * lanes }
  @inline(__always) static func tap(_ source: UnsafePointer<Float>) -> Vector { load(source) }
}

private enum Spread2: Spread {
  @inline(__always) static var groupWidth: Int { 2 }
  @inline(__always) static var stride: Int { 1 }
}
private enum Spread4: Spread {
  @inline(__always) static var groupWidth: Int { 4 }
  @inline(__always) static var stride: Int { 1 }
}
private enum Spread8: Spread {
  @inline(__always) static var groupWidth: Int { 8 }
  @inline(__always) static var stride: Int { 1 }
}
private enum Spread2Stride2: Spread {
  @inline(__always) static var groupWidth: Int { 2 }
  @inline(__always) static var stride: Int { 2 }
}
private enum Spread4Stride2: Spread {
  @inline(__always) static var groupWidth: Int { 4 }
  @inline(__always) static var stride: Int { 2 }
}
private enum Spread8Stride2: Spread {
  @inline(__always) static var groupWidth: Int { 8 }
  @inline(__always) static var stride: Int { 2 }
}

/// Pixels of source that one strip of output columns can read, at stride 2.
private var stripPixels: Int { @inline(__always) get { 2 * maximumColumns + 1 } }

/// Three source rows of a strip, spread for groups of eight.
let groupedScratchFloats = 3 * (2 * maximumColumns + 1) * 8 * lanes

/// A grouped 3×3 convolution of one vector of channels, in float32.
///
/// An output channel reads only the channels of its group, so a tap can't be one float for all
/// lanes. Each source vector is first spread into one vector per channel of a group, by permutation;
/// the nine taps then read these as a direct convolution reads its source. Strips of columns keep
/// three spread rows in the first-level cache, and each row is spread once.
@Sendable
func convolveGrouped(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall
) {
  switch (geometry.groupWidth, geometry.stride) {
  case (2, 1): convolveStrips(geometry, call, Spread2.self)
  case (4, 1): convolveStrips(geometry, call, Spread4.self)
  case (8, 1): convolveStrips(geometry, call, Spread8.self)
  case (2, _): convolveStrips(geometry, call, Spread2Stride2.self)
  case (4, _): convolveStrips(geometry, call, Spread4Stride2.self)
  default: convolveStrips(geometry, call, Spread8Stride2.self)
  }
}

private func convolveStrips<S: Spread>(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall, _: S.Type
) {
  let strips = (call.width + maximumColumns - 1) / maximumColumns
  let rowFloats = stripPixels * S.groupWidth * lanes
  var x = 0
  var strip = 0
  while strip < strips {
    let end = (strip + 1) * call.width / strips
    let columns = end - x
    let source = call.source + x * S.stride * 16
    let pixels = (columns - 1) * S.stride + 3
    var spread = call.rows.lowerBound * S.stride
    var y = call.rows.lowerBound
    while y < call.rows.upperBound {
      while spread < y * S.stride + 3 {
        spreadRow(
          source + spread * geometry.sourceRow, pixels: pixels,
          to: call.scratch + (spread % 3) * rowFloats, S.self)
        spread += 1
      }
      let bottom = (y * S.stride + 2) % 3
      let middle = (y * S.stride + 1) % 3
      let top = (y * S.stride) % 3
      let visitor = GroupedTile<S>(
        geometry: geometry, call: call, y: y, x: x,
        rows: (
          UnsafePointer(call.scratch + top * rowFloats),
          UnsafePointer(call.scratch + middle * rowFloats),
          UnsafePointer(call.scratch + bottom * rowFloats)
        ))
      withTile(columns: columns, limit: maximumColumns, visitor)
      y += 1
    }
    x = end
    strip += 1
  }
}

/// Writes, for each pixel, one vector per channel of a group: lane l holds that channel of l's group.
private func spreadRow<S: Spread>(
  _ source: UnsafePointer<Float>, pixels: Int, to destination: UnsafeMutablePointer<Float>,
  _: S.Type
) {
  var pixel = 0
  while pixel < pixels {
    let vector = load(source + pixel * 16)
    var channel = 0
    while channel < S.groupWidth {
      storeVector(
        destination + (pixel * S.groupWidth + channel) * lanes,
        spreadLanes(vector, channel: channel, groupWidth: S.groupWidth))
      channel += 1
    }
    pixel += 1
  }
}

/// The tile at one place of a grouped convolution, and its three spread rows.
private struct GroupedTile<A: Access>: TileVisitor {
  typealias Unit = Pixel1
  let geometry: GroupedConvolution
  let call: GroupedConvolutionCall
  let y: Int
  let x: Int
  let rows: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    convolveGrouped(geometry, call, T.self, A.self, y: y, x: x, rows: rows)
  }
}

@inline(never)
func convolveGrouped<T: Tile, A: Access>(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall, _: T.Type,
  _: A.Type, y: Int, x: Int,
  rows: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
) {
  let taps = 3 * geometry.groupWidth
  var weights = call.weights
  var tile = T(bias: call.bias)
  tile.accumulateTaps(rows.0, taps, &weights, A.self)
  tile.accumulateTaps(rows.1, taps, &weights, A.self)
  tile.accumulateTaps(rows.2, taps, &weights, A.self)
  tile.store(
    call.destination + y * geometry.destinationRow + x * 16, row: 0, pixel: 16, vector: 0,
    floor: splat(geometry.relu ? 0 : -.infinity))
}

extension Tile {
  @inline(__always)
  fileprivate mutating func accumulateTaps<A: Access>(
    _ source: UnsafePointer<Float>, _ taps: Int, _ weights: inout UnsafePointer<Float>, _: A.Type
  ) {
    var tap = 0
    while tap < taps {
      accumulate(source + tap * lanes, row: 0, Unit.loadWeights(weights), A.self)
      weights += lanes
      tap += 1
    }
  }
}
