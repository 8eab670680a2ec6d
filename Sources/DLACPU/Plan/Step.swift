/// One step of a plan; steps are immutable and may run in several arenas at once.
protocol Step: Sendable {
  /// The name of the layer.
  var name: String { get }
  /// The share of one worker; other workers run the same step at the same time.
  func run(_ worker: Worker)
}

/// One thread of a run, and the memory it works in.
struct Worker {
  let index: Int
  let count: Int
  /// The images, [N, C, H, W].
  let input: UnsafePointer<Float>
  let arena: UnsafeMutablePointer<Float>
  let weights: UnsafePointer<Float>
  /// Memory of this worker alone.
  let scratch: UnsafeMutablePointer<Float>
  let queue: WorkQueue
  /// The step that runs.
  var step = 0

  /// This worker's part of `total` equal pieces of work.
  func share(of total: Int) -> Range<Int> { share(of: total, worker: index) }

  private func share(of total: Int, worker: Int) -> Range<Int> {
    total * worker / count..<total * (worker + 1) / count
  }

  /// Does pieces of work: this worker's share, and then what others have not begun of theirs.
  ///
  /// At most once in a step, and by all its workers.
  func forEach(of total: Int, _ body: (Int) -> Void) {
    for offset in 0..<count {
      let owner = (index + offset) % count
      let share = share(of: total, worker: owner)
      var unit = share.lowerBound + queue.take(step: step, worker: owner)
      while unit < share.upperBound {
        body(unit)
        unit = share.lowerBound + queue.take(step: step, worker: owner)
      }
    }
  }
}

/// Sets the borders of a view to zero; the step that writes the view does this first.
struct BorderClearing: Sendable {
  private let offsets: [Int]
  private let geometry: FeatureMapGeometry

  init(_ view: TensorView) {
    offsets = view.geometry.border > 0 ? view.channelBlocks.map(\.offset) : []
    geometry = view.geometry
  }

  func run(_ worker: Worker) {
    guard !offsets.isEmpty else { return }
    for unit in worker.share(of: offsets.count * geometry.images) {
      let (channelBlock, image) = unit.quotientAndRemainder(dividingBy: geometry.images)
      clear(worker.arena + offsets[channelBlock] + image * geometry.image)
    }
  }

  private func clear(_ image: UnsafeMutablePointer<Float>) {
    let edge = geometry.border * geometry.row
    let side = geometry.border * geometry.pixel
    image.update(repeating: 0, count: edge)
    (image + geometry.image - edge).update(repeating: 0, count: edge)
    for y in 0..<geometry.size.height {
      let row = image + edge + y * geometry.row
      row.update(repeating: 0, count: side)
      (row + geometry.row - side).update(repeating: 0, count: side)
    }
  }
}
