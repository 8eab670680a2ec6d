import Synchronization

/// One step of a plan; steps are immutable and may run in several arenas at once.
protocol Step: Sendable {
  var name: String { get }
  /// The share of one worker; other workers run the same step at the same time.
  func run(_ worker: Worker)
}

/// One thread of a run and its memory.
struct Worker {
  let index: Int
  let count: Int
  /// The images, [N, C, H, W].
  let input: UnsafePointer<Float>
  let arena: UnsafeMutablePointer<Float>
  let weights: UnsafePointer<Float>
  /// The memory of this worker alone.
  let scratch: UnsafeMutablePointer<Float>
  let queue: WorkQueue
  /// The number of the running step.
  var step = 0

  /// This worker's part of `total` equal pieces of work.
  func share(of total: Int) -> Range<Int> { share(of: total, worker: index) }

  private func share(of total: Int, worker: Int) -> Range<Int> {
    total * worker / count..<total * (worker + 1) / count
  }

  /// Runs `body` for units of work: this worker's share, then units that other workers have not
  /// begun.
  ///
  /// At most once in a step, and by all its workers.
  func parallelFor(of total: Int, _ body: (Int) -> Void) {
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

/// The progress of each worker's share of a step, so that a worker that is done takes from the
/// others.
///
/// Cores are seldom equally fast: another program or virtual machine slows one. There is one
/// counter for each worker and two sets of them: while one is used, the other is reset for the next
/// step.
final class WorkQueue: @unchecked Sendable {
  // Unchecked: the pointer never changes, and the counters are atomic.
  private let counters: UnsafeMutablePointer<Atomic<Int>>
  private let workers: Int

  /// Counters of different workers lie in cache lines of their own.
  private static let stride = 128 / MemoryLayout<Atomic<Int>>.stride

  init(workers: Int) {
    self.workers = workers
    let capacity = 2 * workers * Self.stride
    counters = .allocate(capacity: capacity)
    for index in 0..<capacity { (counters + index).initialize(to: Atomic(0)) }
  }

  deinit {
    counters.deinitialize(count: 2 * workers * Self.stride)
    counters.deallocate()
  }

  /// Sets a worker's counter back for the step after `step`; called before the barrier that ends
  /// `step`.
  func prepare(after step: Int, worker: Int) {
    (counters + place(step + 1, worker)).pointee.store(0, ordering: .relaxed)
  }

  /// The next free unit of a worker's share, from 0.
  func take(step: Int, worker: Int) -> Int {
    (counters + place(step, worker)).pointee.add(1, ordering: .relaxed).oldValue
  }

  private func place(_ step: Int, _ worker: Int) -> Int {
    (step % 2 * workers + worker) * Self.stride
  }
}

/// The times at which each worker reached some points of a job.
///
/// Every worker records its own times: a worker that is preempted would record those of the others
/// too late, after they have finished the next step.
final class StepClock: @unchecked Sendable {
  // Unchecked: each worker writes its own elements; they are read after the job.
  private let seconds: UnsafeMutableBufferPointer<Double>
  private let workers: Int

  init(points: Int, workers: Int) {
    self.workers = workers
    seconds = .allocate(capacity: points * workers)
    seconds.initialize(repeating: 0)
  }

  deinit { seconds.deallocate() }

  /// Notes the time, in seconds of some fixed clock, at which a worker has come to a point.
  func note(_ time: Double, point: Int, worker: Int) { seconds[point * workers + worker] = time }

  /// When the first worker came to a point.
  func first(_ point: Int) -> Double { times(point).min() ?? 0 }

  /// When the last worker came to a point.
  func last(_ point: Int) -> Double { times(point).max() ?? 0 }

  private func times(_ point: Int) -> Slice<UnsafeMutableBufferPointer<Double>> {
    seconds[point * workers..<(point + 1) * workers]
  }
}
