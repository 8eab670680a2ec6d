/// The learning rate of every update, as recipes describe it.
public struct RateRecipe: Sendable, Equatable {
  /// How the rate goes after the warm-up.
  public enum Curve: Sendable, Equatable {
    /// One rate.
    case constant
    /// Rates for spans of epochs that end at `epochs`; one more than these.
    case piecewise(epochs: [Int], rates: [Double])
    /// Multiplied by a factor every so many epochs.
    case step(everyEpochs: Double, factor: Double)
    /// Half a cosine down to `minimum`, which ends with the training.
    case cosine(minimum: Double = 0)
    /// Up and down once, as PyTorch's `OneCycleLR`.
    case oneCycle(risingShare: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4)
  }

  /// A linear rise to the curve's first rate.
  public struct WarmUp: Sendable, Equatable {
    /// Epochs, not necessarily whole ones.
    public var epochs: Double
    /// The rate at step 0.
    public var start: Double
    /// Whether the curve begins where the warm-up ends, as in Paddle; if not, its first part is
    /// covered, as in timm.
    public var delaysCurve: Bool

    /// Describes a warm-up.
    ///
    /// - Parameters:
    ///   - epochs: its length.
    ///   - start: the rate at step 0.
    ///   - delaysCurve: whether the curve begins where the warm-up ends.
    public init(epochs: Double, start: Double = 0, delaysCurve: Bool = true) {
      self.epochs = epochs
      self.start = start
      self.delaysCurve = delaysCurve
    }
  }

  /// The first rate of the curve, the highest of a cycle.
  ///
  /// A piecewise curve has its own.
  public var rate: Double
  /// How the rate goes after the warm-up.
  public var curve: Curve
  /// What comes first; nil if nothing does.
  public var warmUp: WarmUp?
  /// Whether the rate changes where an epoch begins, instead of after each update.
  public var changesByEpoch: Bool

  /// Describes a learning rate.
  ///
  /// - Parameters:
  ///   - rate: the first rate of the curve; the highest one of a cycle.
  ///   - curve: how the rate goes after the warm-up.
  ///   - warmUp: what comes first; nil if nothing does.
  ///   - changesByEpoch: whether the rate changes where an epoch begins.
  public init(
    rate: Double = 0.05, curve: Curve = .cosine(), warmUp: WarmUp? = nil,
    changesByEpoch: Bool = false
  ) {
    self.rate = rate
    self.curve = curve
    self.warmUp = warmUp
    self.changesByEpoch = changesByEpoch
  }
}
