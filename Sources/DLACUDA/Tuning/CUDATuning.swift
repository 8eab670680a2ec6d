/// Has convolutions timed in several ways on a device.
package struct CUDATuning: Sendable {
  /// Where choices are kept from one start to the next; nil for nowhere.
  package var cache: CUDATimings.Cache?
  /// Called before each convolution that is timed, with its place among all from 1, and how many.
  package var progress: (@Sendable (_ layer: Int, _ layers: Int) -> Void)?
  /// Called when nothing more is timed, if anything was.
  package var finished: (@Sendable () -> Void)?

  /// Asks for timing.
  package init(
    cache: CUDATimings.Cache? = nil, progress: (@Sendable (Int, Int) -> Void)? = nil,
    finished: (@Sendable () -> Void)? = nil
  ) {
    self.cache = cache
    self.progress = progress
    self.finished = finished
  }
}
