/// How long a training is, and in which unit its schedule counts.
package struct TrainingClock: Sendable, Equatable {
  /// When a rate may change.
  package enum Unit: Sendable, Equatable {
    /// After each update.
    case step
    /// Where an epoch begins (`by_epoch: True` in PaddleClas).
    case epoch
  }

  /// Passes over the data.
  package let epochs: Int
  /// Updates of an epoch.
  package let stepsPerEpoch: Int
  /// When a rate may change.
  package let unit: Unit

  /// Describes a training's length; no epochs or no steps are a training that ends at once.
  ///
  /// - Parameters:
  ///   - epochs: passes over the data.
  ///   - stepsPerEpoch: updates of an epoch.
  ///   - unit: when a rate may change.
  package init(epochs: Int, stepsPerEpoch: Int, unit: Unit = .step) {
    precondition(epochs >= 0 && stepsPerEpoch >= 0, "a training can't have a negative length")
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.unit = unit
  }

  /// The whole length, in the schedule's unit.
  package var length: Int { unit == .step ? epochs * stepsPerEpoch : epochs }

  /// A moment in the schedule's unit.
  ///
  /// - Parameter step: updates done before.
  /// - Returns: steps or epochs done before.
  package func time(atStep step: Int) -> Int {
    unit == .step ? step : step / max(stepsPerEpoch, 1)
  }

  /// Some epochs in the schedule's unit.
  ///
  /// - Parameters:
  ///   - epochs: how many, not necessarily whole ones.
  ///   - rule: how parts of a step are rounded; as PaddleClas's warm-up, halves to even.
  /// - Returns: steps or epochs, at most 10¹⁵; 0 if `epochs` is below that or no number.
  package func time(
    epochs: Double, rounded rule: FloatingPointRoundingRule = .toNearestOrEven
  ) -> Int {
    let time = unit == .step ? epochs * Double(stepsPerEpoch) : epochs
    return time > 0 ? Int(min(time, 1e15).rounded(rule)) : 0
  }
}
