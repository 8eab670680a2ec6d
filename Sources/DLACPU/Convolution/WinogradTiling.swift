import CDLAKernels

/// The tiles of a feature map, cut into blocks that are computed one after another.
struct WinogradTiling: Sendable {
  /// Tiles that are computed together.
  struct Block: Sendable {
    /// Which of all tiles.
    let tiles: Range<Int>
    /// For each point the tiles of the block, counted from its first, that need it.
    let tilesOfPoint: [IndexRange]
  }

  let tile: WinogradTile
  /// All tiles, block by block.
  let places: [WinogradTilePlace]
  let blocks: [Block]

  /// The most tiles a block has.
  var blockTiles: Int { blocks.map(\.tiles.count).max() ?? 0 }

  /// Hands some tiles to a transform; see `WinogradTiles`.
  func withTiles(
    _ range: Range<Int>, pointStep: Int, scratch: UnsafeMutablePointer<Float>,
    _ body: (WinogradTiles) -> Void
  ) {
    places.withUnsafeBufferPointer { places in
      guard let first = places.baseAddress else { return }
      body(
        WinogradTiles(
          tile: tile, side: tile.side, places: first + range.lowerBound, count: range.count,
          pointStep: pointStep, scratch: scratch))
    }
  }

  /// Cuts the tiles of all images evenly into blocks.
  init(
    _ tile: WinogradTile, blocks count: Int, source: FeatureMapGeometry,
    destination: FeatureMapGeometry,
    shortcut: FeatureMapGeometry?
  ) {
    self.tile = tile
    let step = tile.outputs
    let size = destination.size
    var all: [WinogradTilePlace] = []
    for image in 0..<destination.images {
      for y in stride(from: 0, to: size.height, by: step) {
        for x in stride(from: 0, to: size.width, by: step) {
          func offset(_ map: FeatureMapGeometry, stride: Int = 1) -> Int {
            image * map.image + stride * (y * map.row + x * map.pixel)
          }
          all.append(
            WinogradTilePlace(
              tile, source: offset(source, stride: tile.stride),
              destination: offset(destination),
              shortcut: shortcut.map { offset($0) } ?? 0, rows: min(step, size.height - y),
              columns: min(step, size.width - x)))
        }
      }
    }
    var places: [WinogradTilePlace] = []
    blocks = (0..<count).map { index in
      let range = all.count * index / count..<all.count * (index + 1) / count
      let sorted = Self.sorted(all[range], step: step)
      places += sorted.places
      return Block(
        tiles: range,
        tilesOfPoint: Self.tilesOfPoints(
          tile, counts: sorted.counts, lastRows: size.height % step, lastColumns: size.width % step)
      )
    }
    self.places = places
  }

  /// Tiles in an order in which those that need a point are neighbours, whatever the point: narrow
  /// ones, whole ones, low ones, and those that are both narrow and low.
  private static func sorted(
    _ tiles: ArraySlice<WinogradTilePlace>, step: Int
  ) -> (places: [WinogradTilePlace], counts: [Int]) {
    var kinds: [[WinogradTilePlace]] = [[], [], [], []]
    for place in tiles {
      switch (place.rows == step, place.columns == step) {
      case (true, false): kinds[0].append(place)
      case (true, true): kinds[1].append(place)
      case (false, true): kinds[2].append(place)
      case (false, false): kinds[3].append(place)
      }
    }
    return (kinds.flatMap { $0 }, kinds.map(\.count))
  }

  private static func tilesOfPoints(
    _ tile: WinogradTile, counts: [Int], lastRows: Int, lastColumns: Int
  ) -> [IndexRange] {
    let total = counts.reduce(0, +)
    let (low, narrow) = (
      tile.pointsOfSide(outputs: lastRows), tile.pointsOfSide(outputs: lastColumns)
    )
    return (0..<tile.points).map { point in
      let (row, column) = point.quotientAndRemainder(dividingBy: tile.side)
      let (isOfLow, isOfNarrow) = (low.contains(row), narrow.contains(column))
      let end = isOfLow ? (isOfNarrow ? total : total - counts[3]) : counts[0] + counts[1]
      return IndexRange((isOfNarrow ? 0 : counts[0])..<end)
    }
  }
}
