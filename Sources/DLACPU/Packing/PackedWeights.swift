import DLASystem

/// The packed weights of a plan: in memory of their own, or in a file of the cache.
struct PackedWeights: Sendable {
  /// The first float; valid while `owner` lives, and never written to.
  nonisolated(unsafe) let base: UnsafePointer<Float>
  private let owner: any AnyObject & Sendable

  init(_ memory: AlignedFloats) {
    base = UnsafePointer(memory.base)
    owner = memory
  }

  /// - Precondition: `base` lies in the bytes of `file`.
  init(_ base: UnsafePointer<Float>, in file: MappedFile) {
    self.base = base
    owner = file
  }
}
