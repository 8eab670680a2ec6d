import DLASystem

/// Requests plans whose algorithms are chosen by timing the likely ones on this hardware.
///
/// Without it a cost model alone chooses, which gives the same plan every time.
public struct Tuning: Sendable {
  /// The progress of the timing for a plan.
  public enum Progress: Sendable, Equatable {
    /// A convolution is being timed: its position among all convolutions of the plan, from 1.
    case timing(layer: Int, layers: Int)
    /// The timing for the plan has ended; not sent if nothing was timed.
    case finished
  }

  /// The folder that timings are stored in; nil to store none.
  public var cache: CacheFolder?
  /// Called on the thread that makes a plan, which holds no lock and no stream meanwhile.
  public var progress: (@Sendable (Progress) -> Void)?

  /// Requests timing.
  ///
  /// - Parameters:
  ///   - cache: the folder that timings are stored in, for instance `.user`.
  ///   - progress: called while layers are timed.
  public init(cache: CacheFolder? = nil, progress: (@Sendable (Progress) -> Void)? = nil) {
    (self.cache, self.progress) = (cache, progress)
  }
}
