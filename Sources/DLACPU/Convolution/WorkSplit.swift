/// How workers divide a convolution: a grid over groups of output channels and strips of pixels.
struct WorkSplit: Sendable {
  /// Parts of the output channels and of the pixels; their product is the number of workers.
  let groupParts: Int
  let stripParts: Int
  private let groups: Int
  private let strips: Int

  /// The grid whose largest share is least; of equals the one that reads the least memory, since
  /// every part of the channels reads all its pixels and every part of the pixels all its weights.
  init(groups: Int, strips: Int, workers: Int, sourceBytes: Int, weightBytes: Int) {
    self.groups = groups
    self.strips = strips
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
