/// Winograd's minimal filtering F(m×m, 3×3): m×m outputs of a 3×3 convolution from (m + 2)² products
/// (Lavin and Gray, arXiv:1509.09308); with stride 2, from (2m + 1)².
///
/// Each side of a tile is a polynomial that is evaluated at some points. With stride 2 the even inputs
/// meet the first and last kernel element, F(m, 2), and the odd ones, as they are, the middle kernel element. At the end of a
/// row or column of a feature map fewer than m outputs may be left. Such a tile is computed exactly from some
/// of the same points, so it needs no other weights and reads no pixel beyond the border.
///
/// Accuracy: within 2e-6 relative L2 of the definition in float64, see `ConvolutionTests`.
package enum WinogradTile: String, CaseIterable, Sendable {
  case two = "winograd2"
  case four = "winograd4"
  case fourStride2 = "winograd4/2"

  /// Outputs of a side.
  package var outputs: Int {
    switch self {
    case .two: 2
    case .four, .fourStride2: 4
    }
  }
  /// Of the convolution.
  package var stride: Int {
    switch self {
    case .two, .four: 1
    case .fourStride2: 2
    }
  }
  /// Points of a side: the finite ones, infinity, and with stride 2 the odd inputs.
  package var side: Int { stride == 1 ? outputs + 2 : 2 * outputs + 1 }
  /// Products of a whole tile.
  package var points: Int { side * side }

  /// The finite points of a side.
  ///
  /// With stride 1, ±√½ and ±√2 round less than ±1 and ±2; with stride 2, these least of those tried.
  package var finitePoints: [Double] {
    switch self {
    case .two: [0, 1, -1]
    case .four: [0, 0.5.squareRoot(), -0.5.squareRoot(), 2.0.squareRoot(), -2.0.squareRoot()]
    case .fourStride2: [0.5, -0.5, 1.25, -1.25]
    }
  }

  /// The points that a side with fewer outputs needs: the first finite ones, infinity, and the first
  /// odd inputs.
  package func pointsOfSide(outputs: Int) -> WinogradPoints {
    WinogradPoints(
      count: stride == 1 ? outputs + 2 : 2 * outputs + 1,
      split: stride == 1 ? outputs + 1 : outputs, skipped: self.outputs - outputs)
  }
}

/// Some points of a side in their order: all but `skipped` ones in the middle.
package struct WinogradPoints: Sendable {
  /// How many there are.
  package let count: Int
  /// The first that lies behind the skipped ones.
  package let split: Int
  package let skipped: Int

  package init(count: Int, split: Int, skipped: Int) {
    self.count = count
    self.split = split
    self.skipped = skipped
  }

  /// Whether the point at a place of the side is among these.
  package func contains(_ position: Int) -> Bool {
    position < split || split + skipped..<count + skipped ~= position
  }
}

/// One tile of a feature map.
///
/// Distances are in floats and hold for every channel block of their feature map.
package struct WinogradTilePlace: Sendable {
  /// The input above and left of the tile's first pixel.
  package var source: Int
  /// The tile's first pixel in the output, and in what is added to it.
  package var destination: Int
  package var shortcut: Int
  /// Outputs of each side, inputs of a column, and the points of a row.
  package var rows: Int
  package var columns: Int
  package var inputRows: Int
  package var points: WinogradPoints

  package init(
    _ tile: WinogradTile, source: Int, destination: Int, shortcut: Int, rows: Int, columns: Int
  ) {
    self.source = source
    self.destination = destination
    self.shortcut = shortcut
    self.rows = rows
    self.columns = columns
    inputRows = tile.pointsOfSide(outputs: rows).count
    points = tile.pointsOfSide(outputs: columns)
  }
}

/// Tiles of one channel block that are to be transformed: B^T d B.
///
/// Distances are in floats.
package struct WinogradInputCall {
  package var source: UnsafePointer<Float>
  package var sourceRow: Int
  /// Point 0 of the first tile; tiles are sixteen floats apart.
  package var destination: UnsafeMutablePointer<Float>
  package var pointStep: Int
  /// Room for the points of one tile of one vector.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    source: UnsafePointer<Float>, sourceRow: Int, destination: UnsafeMutablePointer<Float>,
    pointStep: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.sourceRow = sourceRow
    self.destination = destination
    self.pointStep = pointStep
    self.scratch = scratch
  }
}

/// The products of some tiles and one group of output channels: for each point a matrix
/// [tiles][inputs] times [inputs][channels of the group].
///
/// Distances are in floats.
package struct WinogradProductCall {
  /// How the inputs of a tile lie.
  package enum Lines: Sendable {
    /// Sixteen channels in each line; tiles are sixteen floats apart.
    case channelBlocks
    /// Two kernel elements in each line; tiles are one float apart.
    case pairs
  }

  package var lines: Lines
  /// Lines of each point: channel blocks, or channels times kernel rows.
  package var count: Int
  /// The first line of point 0, the distance to the next line and to the next point.
  package var source: UnsafePointer<Float>
  package var lineStep: Int
  package var sourcePoint: Int
  /// The tiles that need each point.
  package var tiles: UnsafeBufferPointer<Range<Int>>
  /// Packed in the order they are read: [point][line][input][channel of the group].
  package var weights: UnsafePointer<Float>
  /// [point][tile][16], and the distances to the next point and to the group's second vector.
  package var destination: UnsafeMutablePointer<Float>
  package var destinationPoint: Int
  package var destinationVector: Int
  /// Vectors of output channels: 1 or 2.
  package var vectors: Int

  package init(
    lines: Lines, count: Int, source: UnsafePointer<Float>, lineStep: Int, sourcePoint: Int,
    tiles: UnsafeBufferPointer<Range<Int>>, weights: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, destinationPoint: Int, destinationVector: Int,
    vectors: Int
  ) {
    self.lines = lines
    self.count = count
    self.source = source
    self.lineStep = lineStep
    self.sourcePoint = sourcePoint
    self.tiles = tiles
    self.weights = weights
    self.destination = destination
    self.destinationPoint = destinationPoint
    self.destinationVector = destinationVector
    self.vectors = vectors
  }
}

/// Tiles of one channel block that are to become pixels: A^T m A, plus bias and shortcut, and ReLU.
///
/// Distances are in floats.
package struct WinogradOutputCall {
  /// Point 0 of the first tile; tiles are sixteen floats apart.
  package var source: UnsafePointer<Float>
  package var pointStep: Int
  /// Sixteen values.
  package var bias: UnsafePointer<Float>
  package var destination: UnsafeMutablePointer<Float>
  package var destinationRow: Int
  /// What is added before the ReLU.
  package var shortcut: UnsafePointer<Float>?
  package var shortcutRow: Int
  /// Whether negative results become zero.
  package var relu: Bool
  /// Room for the points of one tile of one vector.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    source: UnsafePointer<Float>, pointStep: Int, bias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, destinationRow: Int,
    shortcut: UnsafePointer<Float>?, shortcutRow: Int, relu: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.pointStep = pointStep
    self.bias = bias
    self.destination = destination
    self.destinationRow = destinationRow
    self.shortcut = shortcut
    self.shortcutRow = shortcutRow
    self.relu = relu
    self.scratch = scratch
  }
}
