import CDLAKernels

/// A side of a tile is a polynomial evaluated at some points. With stride 2 the even inputs meet
/// the first and the last kernel element, F(m, 2), and the odd inputs the middle one,
/// untransformed. At the end of a row or column of a feature map fewer than m outputs may be left:
/// such a tile is computed exactly from a subset of the same points, so it needs no other weights
/// and reads no pixel beyond the border.
///
/// Accuracy: within 2e-6 relative L2 of the definition in float64, see `ConvolutionTests`.
extension WinogradTile {
  package static let all: [WinogradTile] = [.two, .four, .fourStride2]

  var name: String {
    switch self {
    case .two: "winograd2"
    case .four: "winograd4"
    case .fourStride2: "winograd4/2"
    }
  }
  /// Outputs of a side.
  var outputs: Int { self == .two ? 2 : 4 }
  /// Of the convolution.
  package var stride: Int { self == .fourStride2 ? 2 : 1 }
  /// Points of a side: the finite ones, infinity, and with stride 2 the odd inputs.
  var side: Int { stride == 1 ? outputs + 2 : 2 * outputs + 1 }
  /// Products of a whole tile.
  var points: Int { side * side }

  /// The finite points of a side.
  ///
  /// With stride 1, ±√½ and ±√2 round less than ±1 and ±2; with stride 2, these least of those
  /// tried.
  var finitePoints: [Double] {
    switch self {
    case .two: [0, 1, -1]
    case .four: [0, 0.5.squareRoot(), -0.5.squareRoot(), 2.0.squareRoot(), -2.0.squareRoot()]
    case .fourStride2: [0.5, -0.5, 1.25, -1.25]
    }
  }

  /// The points that a side with fewer outputs needs: the first finite ones, infinity, and the
  /// first odd inputs.
  func pointsOfSide(outputs: Int) -> WinogradPoints {
    WinogradPoints(
      count: stride == 1 ? outputs + 2 : 2 * outputs + 1,
      split: stride == 1 ? outputs + 1 : outputs, skipped: self.outputs - outputs)
  }
}

extension WinogradPoints {
  /// True if the point at a place of the side is among these.
  func contains(_ position: Int) -> Bool {
    position < split || split + skipped..<count + skipped ~= position
  }
}

extension WinogradTilePlace {
  init(
    _ tile: WinogradTile, source: Int, destination: Int, shortcut: Int, rows: Int, columns: Int
  ) {
    self.init(
      source: source, destination: destination, shortcut: shortcut, rows: rows, columns: columns,
      inputRows: tile.pointsOfSide(outputs: rows).count,
      points: tile.pointsOfSide(outputs: columns))
  }
}

/// Winograd's minimal filtering along the rows of NCHW images: F(4, 4), twice for up to eight
/// kernel elements.
///
/// Four outputs of a row take seven products for each half of the kernel elements. Both halves have
/// the same points, so their products are summed before they are transformed back, and the inputs
/// of the second half are those of the next four outputs' first.
///
/// Accuracy: within 2e-6 relative L2 of the definition in float64, see `ConvolutionTests`.
enum Winograd1D {
  /// Outputs of a tile, and kernel elements of a half.
  static let outputs = 4
  /// Points of a tile; infinity is the last.
  static let points = 7
  /// The finite points: those that round least of the sets tried, in pairs that share work.
  static let finitePoints = [0.3, -0.3, 0.9, -0.9, 1.8, -1.8]
}
