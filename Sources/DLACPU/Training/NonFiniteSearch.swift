import DLASystem

/// Runs a training step operation by operation to find the first that writes a non-finite number.
///
/// The arena starts as zeros and is checked after each operation, so a non-finite number in it was
/// written by the one that has just run.
final class NonFiniteSearch: ParallelJob, @unchecked Sendable {
  // Unchecked: worker 0 writes between barriers that all workers pass.
  /// The layer at which it happened, once the job has run; nil if all numbers were finite.
  private(set) var layer: String?
  private(set) var stepsDone = 0

  private let steps: [any Step]
  private let arena: AlignedFloats
  private let barrier: () -> Void
  private let makeWorker: (Int) -> Worker

  init(
    steps: [any Step], arena: AlignedFloats, barrier: @escaping () -> Void,
    makeWorker: @escaping (Int) -> Worker
  ) {
    (self.steps, self.arena, self.barrier, self.makeWorker) = (steps, arena, barrier, makeWorker)
    arena.base.update(repeating: 0, count: arena.count)
  }

  func work(worker index: Int) {
    var worker = makeWorker(index)
    let first = worker.step
    for (place, step) in steps.enumerated() {
      worker.step = first + place
      worker.queue.prepare(after: worker.step, worker: index)
      step.run(worker)
      barrier()
      if index == 0 {
        stepsDone += 1
        if !isFinite { layer = step.name }
      }
      barrier()
      // Written by worker 0 between the barriers, read by all behind the second.
      if layer != nil { return }
    }
  }

  /// One pass without branches, so it becomes vector code.
  private var isFinite: Bool {
    var largest: UInt32 = 0
    for index in 0..<arena.count {
      largest = max(largest, arena.base[index].bitPattern & 0x7FFF_FFFF)
    }
    return largest < 0x7F80_0000
  }
}
