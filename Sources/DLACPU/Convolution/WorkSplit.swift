/// The division of a convolution among workers: a grid over groups of output channels and strips of
/// pixels.
struct WorkSplit: Sendable {
  /// Parts of the output channels and of the pixels; their product is the number of workers.
  let groupParts: Int
  let stripParts: Int
  private let groups: Int
  private let strips: Int

  /// The grid whose largest share is least; of equals the one that reads the least memory, since
  /// every part of the channels reads all its pixels and every part of the pixels all its weights.
  init(groups: Int, strips: Int, workers: Int, sourceBytes: Int, weightBytes: Int) {
    (self.groups, self.strips) = (groups, strips)
    var best = (work: Int.max, bytes: Int.max, groupParts: 1)
    for groupParts in 1...workers where workers % groupParts == 0 {
      let stripParts = workers / groupParts
      let work = Self.ceiling(groups, groupParts) * Self.ceiling(strips, stripParts)
      let bytes = sourceBytes * groupParts + weightBytes * stripParts
      if (work, bytes) < (best.work, best.bytes) { best = (work, bytes, groupParts) }
    }
    groupParts = best.groupParts
    stripParts = workers / best.groupParts
  }

  func groups(of worker: Worker) -> Range<Int> {
    let part = worker.index % groupParts
    return groups * part / groupParts..<groups * (part + 1) / groupParts
  }

  func strips(of worker: Worker) -> Range<Int> {
    let part = worker.index / groupParts
    return strips * part / stripParts..<strips * (part + 1) / stripParts
  }

  private static func ceiling(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
}

/// The pixels of a feature map as strips that workers share: rows of an image, or, where all pixels
/// are one row, as many pixels as a kernel holds in registers.
struct StripPlan: Sendable {
  let count: Int
  private let isFlat: Bool
  private let pixels: Int
  private let columns: Int
  private let width: Int
  private let height: Int
  private let rowsPerStrip: Int
  private let stripsPerImage: Int
  private let stripsPerChunk: Int

  /// The source of one chunk stays in the second-level cache while all weights pass over it.
  private static let chunkBytes = 512 * 1024

  /// Divides the pixels of a feature map.
  ///
  /// `columns` are the pixels that a kernel holds in registers. An output row reads `bytesPerRow`,
  /// a pixel of a flat feature map `bytesPerPixel`.
  init(
    isFlat: Bool, destination: FeatureMapGeometry, columns: Int, bytesPerRow: Int,
    bytesPerPixel: Int
  ) {
    (self.isFlat, self.columns) = (isFlat, columns)
    width = destination.size.width
    height = destination.size.height
    pixels = destination.images * destination.size.area
    rowsPerStrip = 2 * width <= columns ? 2 : 1
    stripsPerImage = (height + rowsPerStrip - 1) / rowsPerStrip
    count = isFlat ? (pixels + columns - 1) / columns : destination.images * stripsPerImage
    let bytesPerStrip = isFlat ? bytesPerPixel * columns : bytesPerRow * rowsPerStrip
    stripsPerChunk = max(1, Self.chunkBytes / max(bytesPerStrip, 1))
  }

  /// Cuts strips into even chunks.
  func forEachChunk(of strips: Range<Int>, _ body: (Range<Int>) -> Void) {
    let chunks = (strips.count + stripsPerChunk - 1) / stripsPerChunk
    for chunk in 0..<chunks {
      body(
        strips.lowerBound + strips.count * chunk / chunks..<strips.lowerBound + strips.count
          * (chunk + 1) / chunks)
    }
  }

  /// Names the rows and columns of every image that strips consist of.
  func forEachPart(
    of strips: Range<Int>, _ body: (_ image: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    if isFlat {
      body(0, 0..<1, strips.lowerBound * columns..<min(strips.upperBound * columns, pixels))
      return
    }
    var strip = strips.lowerBound
    while strip < strips.upperBound {
      let (image, first) = strip.quotientAndRemainder(dividingBy: stripsPerImage)
      let end = min(stripsPerImage, first + strips.upperBound - strip)
      body(image, first * rowsPerStrip..<min(end * rowsPerStrip, height), 0..<width)
      strip += end - first
    }
  }
}
