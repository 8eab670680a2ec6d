/// The learning rate of every update, as recipes describe it.
public struct LearningRateRecipe: Sendable, Equatable {
  /// The schedule after the warm-up.
  public enum Curve: Sendable, Equatable {
    /// Constant.
    case constant
    /// Rates for spans of epochs that end at `epochs`; one more than these.
    case piecewise(epochs: [Int], rates: [Double])
    /// Multiplied by a factor every so many epochs.
    case step(everyEpochs: Double, factor: Double)
    /// Half a cosine down to `minimum`, which ends with the training.
    case cosine(minimum: Double = 0)
    /// The base times a power of what is left of the training, down to `minimum`.
    case polynomial(minimum: Double = 0, power: Double = 1)
    /// Up and down once, as PyTorch's `OneCycleLR`.
    case oneCycle(risingFraction: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4)
  }

  /// A linear rise to the first learning rate of the curve.
  public struct WarmUp: Sendable, Equatable {
    /// Epochs, not necessarily whole ones.
    public var epochs: Double
    /// The learning rate at step 0.
    public var start: Double
    /// True if the curve begins where the warm-up ends, as in Paddle; if not, its first part is
    /// covered, as in timm.
    public var delaysCurve: Bool

    /// Describes a warm-up.
    ///
    /// - Parameters:
    ///   - epochs: its length.
    ///   - start: the learning rate at step 0.
    ///   - delaysCurve: whether the curve begins where the warm-up ends.
    public init(epochs: Double, start: Double = 0, delaysCurve: Bool = true) {
      (self.epochs, self.start, self.delaysCurve) = (epochs, start, delaysCurve)
    }
  }

  /// The first learning rate of the curve, the highest of a cycle; unused by a piecewise curve.
  public var base: Double
  /// The schedule after the warm-up.
  public var curve: Curve
  /// The warm-up before the curve; nil for none.
  public var warmUp: WarmUp?
  /// True if the learning rate changes only at the start of an epoch.
  public var changesByEpoch: Bool

  /// Describes a learning rate.
  ///
  /// - Parameters:
  ///   - base: the first learning rate of the curve; the highest one of a cycle.
  ///   - curve: the schedule after the warm-up.
  ///   - warmUp: what comes first; nil if nothing does.
  ///   - changesByEpoch: whether the learning rate changes only at the start of an epoch.
  public init(
    base: Double = 0.05, curve: Curve = .cosine(), warmUp: WarmUp? = nil,
    changesByEpoch: Bool = false
  ) {
    (self.base, self.curve, self.warmUp) = (base, curve, warmUp)
    self.changesByEpoch = changesByEpoch
  }
}
