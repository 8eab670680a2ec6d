import CDLAKernels

/// The gradient of a convolution's weights, in float32: at each pixel some consecutive floats of the
/// input, each times one or two vectors of gradients, summed over all pixels of a rectangle of each image.
///
/// The sums stay in registers, as in a direct convolution, with input channels in the place of its
/// pixels and pixels in that of its kernel elements.
func weightGradient(_ call: WeightGradientCall) {
  if call.vectors == 1 {
    weightGradientColumns(call, Pixel1.self)
  } else {
    weightGradientColumns(call, Pixel2.self)
  }
}

/// Splits the columns evenly into tiles that the registers hold.
private func weightGradientColumns<P: Pixel>(_ call: WeightGradientCall, _: P.Type) {
  let parts = (call.columns + RowTiles.maximum - 1) / RowTiles.maximum
  var first = 0
  var part = 0
  while part < parts {
    let end = (part + 1) * call.columns / parts
    RowTiles.visit(columns: end - first, WeightGradientTile<P>(call: call, first: first))
    first = end
    part += 1
  }
}

/// Some columns of a weight gradient.
private struct WeightGradientTile<Unit: Pixel>: TileVisitor {
  let call: WeightGradientCall
  let first: Int

  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    weightGradient(call, first: first, T.self)
  }
}

@inline(never)
private func weightGradient<T: Tile>(_ call: WeightGradientCall, first: Int, _: T.Type) {
  let pixels = call.pixels
  // There is at least one pixel. Loops that ask for it first make the compiler move every sum from
  // register to register at each pixel.
  var tile = T.zero
  var image = 0
  repeat {
    var y = 0
    repeat {
      var input = pixels.input.base + image * pixels.inputImage + y * pixels.input.row + first
      var gradient = pixels.gradient.base + image * pixels.gradientImage + y * pixels.gradient.row
      var x = 0
      repeat {
        tile.accumulate(
          input, row: 0, T.Unit.loadWeights(gradient, vector: call.gradientVector),
          NCHWAccess.self)
        input += pixels.input.pixel
        gradient += pixels.gradient.pixel
        x += 1
      } while x < pixels.width
      y += 1
    } while y < pixels.rows
    image += 1
  } while image < pixels.images
  // Vectors of one channel block lie side by side, those of two channel blocks are one block of
  // columns apart.
  let vector = lanes == 16 ? call.columns * 16 : lanes
  let sums = call.sums + first * 16
  tile.add(sums, row: 0, pixel: 16, vector: vector)
  tile.store(sums, row: 0, pixel: 16, vector: vector, floor: splat(-.infinity))
}
