/// Asks for plans whose algorithms are chosen by timing the likely ones on this machine.
///
/// Without it the cost model alone chooses, which gives the same plan every time.
public struct Tuning: Sendable {
  /// How far the timing for a plan has come.
  public enum Progress: Sendable, Equatable {
    /// A convolution is being timed.
    ///
    /// - Parameters:
    ///   - layer: its place among all convolutions of the plan, from 1.
    ///   - layers: how many there are.
    case timing(layer: Int, layers: Int)
    /// Nothing of the plan will be timed any more; not sent if nothing was.
    case finished
  }

  /// Where timings are kept from one start to the next; nil for nowhere.
  public var cache: TuningCache?
  /// Called by the thread that makes a plan.
  public var progress: (@Sendable (Progress) -> Void)?

  /// Asks for timing.
  ///
  /// - Parameters:
  ///   - cache: where timings are kept from one start to the next, for instance `.user`.
  ///   - progress: called while layers are timed.
  public init(cache: TuningCache? = nil, progress: (@Sendable (Progress) -> Void)? = nil) {
    self.cache = cache
    self.progress = progress
  }
}
