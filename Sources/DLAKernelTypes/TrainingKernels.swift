/// The kernels that training needs beside those of inference.
///
/// Every kernel works on rows of one image of one channel block, sixteen channels; distances are in floats.
package struct TrainingKernels: Sendable {
  /// Sums of values and of their squares.
  package var batchNormSums: @Sendable (BatchNormSumsCall) -> Void
  /// Scale, shift, shortcut and ReLU.
  package var batchNorm: @Sendable (BatchNormCall) -> Void
  /// Sums of gradients, and of gradients times values.
  package var batchNormGradientSums: @Sendable (BatchNormGradientSumsCall) -> Void
  /// Gradients of a batch norm's input and of its shortcut.
  package var batchNormGradient: @Sendable (BatchNormGradientCall) -> Void
  /// Products of inputs and gradients, summed over pixels: the gradient of weights.
  package var weightGradient: @Sendable (WeightGradientCall) -> Void
  /// The same between the channels of groups alone.
  package var groupedWeightGradient: @Sendable (GroupedWeightGradientCall) -> Void
  /// Gradients of the pixels that were the largest of their squares.
  package var maxPoolGradient: @Sendable (MaxPoolGradientCall) -> Void

  /// Filters of 3×3 kernel elements at the points of a tile, a vector of output channels at a time.
  package var winogradWeights: @Sendable (WinogradWeightsCall) -> Void
  /// Gradients of tiles at the points.
  package var winogradGradient:
    @Sendable (WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradGradientCall) -> Void
  /// Gradients of filters from their values at the points.
  package var winogradWeightGradient: @Sendable (WinogradWeightGradientCall) -> Void

  /// Rows of a matrix to columns.
  package var transpose: @Sendable (TransposeCall) -> Void

  package init(
    batchNormSums: @escaping @Sendable (BatchNormSumsCall) -> Void,
    batchNorm: @escaping @Sendable (BatchNormCall) -> Void,
    batchNormGradientSums: @escaping @Sendable (BatchNormGradientSumsCall) -> Void,
    batchNormGradient: @escaping @Sendable (BatchNormGradientCall) -> Void,
    weightGradient: @escaping @Sendable (WeightGradientCall) -> Void,
    groupedWeightGradient: @escaping @Sendable (GroupedWeightGradientCall) -> Void,
    maxPoolGradient: @escaping @Sendable (MaxPoolGradientCall) -> Void,
    winogradWeights: @escaping @Sendable (WinogradWeightsCall) -> Void,
    winogradGradient:
      @escaping @Sendable (
        WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradGradientCall
      ) -> Void,
    winogradWeightGradient: @escaping @Sendable (WinogradWeightGradientCall) -> Void,
    transpose: @escaping @Sendable (TransposeCall) -> Void
  ) {
    self.batchNormSums = batchNormSums
    self.batchNorm = batchNorm
    self.batchNormGradientSums = batchNormGradientSums
    self.batchNormGradient = batchNormGradient
    self.weightGradient = weightGradient
    self.groupedWeightGradient = groupedWeightGradient
    self.maxPoolGradient = maxPoolGradient
    self.winogradWeights = winogradWeights
    self.winogradGradient = winogradGradient
    self.winogradWeightGradient = winogradWeightGradient
    self.transpose = transpose
  }
}

/// Pixels of one image of one channel block to read, from pixel (0, 0) on.
package struct SourceRows {
  package var base: UnsafePointer<Float>
  /// From one row to the next.
  package var row: Int
  /// From one pixel to the next.
  package var pixel: Int

  package init(base: UnsafePointer<Float>, row: Int, pixel: Int = 16) {
    self.base = base
    self.row = row
    self.pixel = pixel
  }
}

/// Pixels of one image of one channel block to write, from pixel (0, 0) on.
package struct DestinationRows {
  package var base: UnsafeMutablePointer<Float>
  /// From one row to the next.
  package var row: Int
  /// From one pixel to the next.
  package var pixel: Int

  package init(base: UnsafeMutablePointer<Float>, row: Int, pixel: Int = 16) {
    self.base = base
    self.row = row
    self.pixel = pixel
  }
}

/// Adds to sixteen sums of (value - pivot) and sixteen of its square.
package struct BatchNormSumsCall {
  package var source: SourceRows
  /// Near the means, so that squares do not cancel.
  package var pivot: UnsafePointer<Float>
  package var rows: Int
  package var width: Int
  package var sums: UnsafeMutablePointer<Double>

  package init(
    source: SourceRows, pivot: UnsafePointer<Float>, rows: Int, width: Int,
    sums: UnsafeMutablePointer<Double>
  ) {
    self.source = source
    self.pivot = pivot
    self.rows = rows
    self.width = width
    self.sums = sums
  }
}

/// destination = value · scale + shift [+ shortcut], [not below 0].
package struct BatchNormCall {
  package var source: SourceRows
  package var scale: UnsafePointer<Float>
  package var shift: UnsafePointer<Float>
  package var shortcut: SourceRows?
  package var destination: DestinationRows
  package var relu: Bool
  package var rows: Int
  package var width: Int

  package init(
    source: SourceRows, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    shortcut: SourceRows?, destination: DestinationRows, relu: Bool, rows: Int, width: Int
  ) {
    self.source = source
    self.scale = scale
    self.shift = shift
    self.shortcut = shortcut
    self.destination = destination
    self.relu = relu
    self.rows = rows
    self.width = width
  }
}

/// How the backward pass knows which outputs a ReLU has cut off.
package enum ReLUMask {
  /// There is no ReLU.
  case none
  /// Where the output is 0 no gradient passes.
  case output(SourceRows)
  /// The output was no more than value · scale + shift, so it can be told from the value.
  case values(scale: UnsafePointer<Float>, shift: UnsafePointer<Float>)
}

/// Adds to sixteen sums of gradients and sixteen of gradients · (value - mean).
package struct BatchNormGradientSumsCall {
  package var gradient: SourceRows
  package var relu: ReLUMask
  package var value: SourceRows
  package var mean: UnsafePointer<Float>
  package var rows: Int
  package var width: Int
  package var sums: UnsafeMutablePointer<Double>

  package init(
    gradient: SourceRows, relu: ReLUMask, value: SourceRows, mean: UnsafePointer<Float>,
    rows: Int, width: Int, sums: UnsafeMutablePointer<Double>
  ) {
    self.gradient = gradient
    self.relu = relu
    self.value = value
    self.mean = mean
    self.rows = rows
    self.width = width
    self.sums = sums
  }
}

/// destination = a · gradient + b · value + c; the shortcut gets the gradient itself.
package struct BatchNormGradientCall {
  package var gradient: SourceRows
  package var relu: ReLUMask
  package var value: SourceRows
  /// Sixteen of a, then of b, then of c.
  package var factors: UnsafePointer<Float>
  /// Where the convolution before the batch norm reads gradients; may be `gradient` itself.
  package var destination: DestinationRows
  package var shortcut: DestinationRows?
  /// Whether the shortcut's gradient is added to what is there.
  package var addsToShortcut: Bool
  package var rows: Int
  package var width: Int

  package init(
    gradient: SourceRows, relu: ReLUMask, value: SourceRows, factors: UnsafePointer<Float>,
    destination: DestinationRows, shortcut: DestinationRows?, addsToShortcut: Bool, rows: Int,
    width: Int
  ) {
    self.gradient = gradient
    self.relu = relu
    self.value = value
    self.factors = factors
    self.destination = destination
    self.shortcut = shortcut
    self.addsToShortcut = addsToShortcut
    self.rows = rows
    self.width = width
  }
}

/// Pixels of some images of which inputs and gradients are multiplied and summed.
package struct WeightGradientPixels {
  /// What the first pixel reads first.
  package var input: SourceRows
  package var gradient: SourceRows
  /// At least 1, as the width and the number of images.
  package var rows: Int
  package var width: Int
  /// Images, and how far they are apart.
  package var images: Int
  package var inputImage: Int
  package var gradientImage: Int

  package init(
    input: SourceRows, gradient: SourceRows, rows: Int, width: Int, images: Int, inputImage: Int,
    gradientImage: Int
  ) {
    self.input = input
    self.gradient = gradient
    self.rows = rows
    self.width = width
    self.images = images
    self.inputImage = inputImage
    self.gradientImage = gradientImage
  }
}

/// For consecutive floats of the input at each pixel, their products with one or two vectors of
/// gradients, summed over pixels and added to `sums`.
package struct WeightGradientCall {
  package var pixels: WeightGradientPixels
  /// From the first vector of gradients to the second.
  package var gradientVector: Int
  /// Consecutive floats: input channels of a channel block, or kernel elements of a NCHW image.
  package var columns: Int
  /// Vectors of gradients: 1 or 2.
  package var vectors: Int
  /// [columns][16] for the first channel block, and, where the second vector is one of another channel block, for that.
  package var sums: UnsafeMutablePointer<Float>

  package init(
    _ pixels: WeightGradientPixels, gradientVector: Int, columns: Int, vectors: Int,
    sums: UnsafeMutablePointer<Float>
  ) {
    self.pixels = pixels
    self.gradientVector = gradientVector
    self.columns = columns
    self.vectors = vectors
    self.sums = sums
  }
}

/// For three vectors of the input at each pixel, their products with a vector of gradients whose lanes
/// are crossed, summed over pixels and added to `sums`.
package struct GroupedWeightGradientCall {
  /// Input vectors are sixteen floats apart.
  package var pixels: WeightGradientPixels
  /// Lane l of an input meets lane l ^ mask of the gradient, for masks from 0 on: 4, 8 or 16, not more
  /// than a vector has lanes.
  package var masks: Int
  /// [3][masks][lane].
  package var sums: UnsafeMutablePointer<Float>

  package init(_ pixels: WeightGradientPixels, masks: Int, sums: UnsafeMutablePointer<Float>) {
    self.pixels = pixels
    self.masks = masks
    self.sums = sums
  }
}

/// The first pixel of each square that equals the square's maximum gets its gradient, others 0.
package struct MaxPoolGradientCall {
  package var gradient: SourceRows
  package var output: SourceRows
  package var input: SourceRows
  package var destination: DestinationRows
  package var adds: Bool
  package var window: Int
  /// Rows and columns of the gradient.
  package var rows: Int
  package var width: Int

  package init(
    gradient: SourceRows, output: SourceRows, input: SourceRows, destination: DestinationRows,
    adds: Bool, window: Int, rows: Int, width: Int
  ) {
    self.gradient = gradient
    self.output = output
    self.input = input
    self.destination = destination
    self.adds = adds
    self.window = window
    self.rows = rows
    self.width = width
  }
}

/// G g G^T in float32 for a vector of filters; training packs weights too often for float64.
package struct WinogradWeightsCall {
  /// [9][lanes].
  package var kernelElements: UnsafePointer<Float>
  /// G, [side][3].
  package var rows: UnsafePointer<Float>
  package var side: Int
  /// The vector at the first point.
  package var destination: UnsafeMutablePointer<Float>
  package var pointStep: Int

  package init(
    kernelElements: UnsafePointer<Float>, rows: UnsafePointer<Float>, side: Int,
    destination: UnsafeMutablePointer<Float>, pointStep: Int
  ) {
    self.kernelElements = kernelElements
    self.rows = rows
    self.side = side
    self.destination = destination
    self.pointStep = pointStep
  }
}

/// Gradients of tiles of one channel block that are to be brought to the points: A g A^T, the transpose of what
/// turns points into pixels.
///
/// Distances are in floats.
package struct WinogradGradientCall {
  /// The channel block from pixel (0, 0) on.
  package var source: SourceRows
  /// Point 0 of the first tile; tiles are sixteen floats apart.
  package var destination: UnsafeMutablePointer<Float>
  package var pointStep: Int
  /// Room for the points of one tile of one vector.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    source: SourceRows, destination: UnsafeMutablePointer<Float>, pointStep: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.destination = destination
    self.pointStep = pointStep
    self.scratch = scratch
  }
}

/// G^T m G for consecutive filters, the transpose of what brings filters to the points.
package struct WinogradWeightGradientCall {
  /// The filters at the first point.
  package var source: UnsafePointer<Float>
  package var pointStep: Int
  /// G, [side][3].
  package var rows: UnsafePointer<Float>
  package var side: Int
  /// Filters; a multiple of a vector's lanes.
  package var count: Int
  /// The filters' first kernel elements, and from one kernel element to the next.
  package var destination: UnsafeMutablePointer<Float>
  package var elementStep: Int

  package init(
    source: UnsafePointer<Float>, pointStep: Int, rows: UnsafePointer<Float>, side: Int, count: Int,
    destination: UnsafeMutablePointer<Float>, elementStep: Int
  ) {
    self.source = source
    self.pointStep = pointStep
    self.rows = rows
    self.side = side
    self.count = count
    self.destination = destination
    self.elementStep = elementStep
  }
}

/// A matrix whose columns are written as rows.
package struct TransposeCall {
  package var source: UnsafePointer<Float>
  /// From one row of the source to the next.
  package var sourceRow: Int
  package var rows: Int
  package var columns: Int
  package var destination: UnsafeMutablePointer<Float>
  /// From one row of the destination, a column of the source, to the next.
  package var destinationRow: Int

  package init(
    source: UnsafePointer<Float>, sourceRow: Int, rows: Int, columns: Int,
    destination: UnsafeMutablePointer<Float>, destinationRow: Int
  ) {
    self.source = source
    self.sourceRow = sourceRow
    self.rows = rows
    self.columns = columns
    self.destination = destination
    self.destinationRow = destinationRow
  }
}
