import DLASystem

/// An axis made for some numbers: where each of them lies, and which round ones to write beside it.
package struct Axis: Sendable {
  /// The round numbers.
  package let ticks: [Plot.Tick]
  /// Whether equal distances are equal ratios.
  package let isLogarithmic: Bool
  private let scale: Scale

  private static let steps = 5
  /// Numbers below this part of the largest can't be told apart where distances are differences.
  private static let smallPart = 0.05
  /// With more of them than this, ratios show more.
  private static let maxSmall = 0.25

  /// An axis that reaches from a round number to a round number.
  ///
  /// Its distances are ratios where more than a quarter of the numbers would be lost at its end, and
  /// none is negative.
  ///
  /// - Parameters:
  ///   - values: the numbers; those that are not finite have no place.
  ///   - first: where the lowest lies, in pixels.
  ///   - last: where the highest lies, in pixels.
  ///   - isEven: whether its distances are differences in any case.
  package init(
    of values: [Double], from first: Double, to last: Double, isEven: Bool = false
  ) {
    let drawn = values.filter(isDrawable)
    let (low, high) = (drawn.min() ?? 0, drawn.max() ?? 1)
    let small = drawn.count { $0 > 0 && $0 < high * Self.smallPart }
    let lowAboveZero = drawn.filter { $0 > 0 }.min()
    if !isEven, low >= 0, let lowAboveZero, Double(small) > Self.maxSmall * Double(drawn.count) {
      let range = roundNumber(notAbove: lowAboveZero).value...roundNumber(notBelow: high).value
      self.init(range, from: first, to: last, isLogarithmic: true) {
        logarithmicTicks(range, steps: Self.steps)
      }
    } else {
      let numbers = evenTicks(Self.widened(low, high), steps: Self.steps)
      let range = (numbers.first?.value ?? 0)...(numbers.last?.value ?? 1)
      self.init(range, from: first, to: last, isLogarithmic: false) { numbers }
    }
  }

  /// An axis from 0 to a number, which need not be round.
  ///
  /// - Parameters:
  ///   - end: the number at its end, above 0.
  ///   - first: where 0 lies, in pixels.
  ///   - last: where the end lies, in pixels.
  package init(upTo end: Double, from first: Double, to last: Double) {
    self.init(0...end, from: first, to: last, isLogarithmic: false) {
      evenTicks(0...end, steps: Self.steps).filter { $0.value <= end }
    }
  }

  private init(
    _ range: ClosedRange<Double>, from first: Double, to last: Double, isLogarithmic: Bool,
    ticks: () -> [RoundNumber]
  ) {
    self.isLogarithmic = isLogarithmic
    self.ticks = ticks().map { (value: $0.value, text: $0.text) }
    func place(_ value: Double) -> Double {
      isLogarithmic ? Platform.logarithm10(value) : value
    }
    scale = Scale(place(range.lowerBound)...place(range.upperBound), from: first, to: last)
  }

  /// Where a number lies, in pixels; nil where it has no place.
  package func callAsFunction(_ value: Double) -> Double? {
    guard isDrawable(value), !isLogarithmic || value > 0 else { return nil }
    return scale(isLogarithmic ? Platform.logarithm10(value) : value)
  }

  /// A range with 0 in it where that is near, and with some length.
  private static func widened(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    let low = low > 0 && low < high / 2 ? 0 : low
    guard high - low <= 1e-6 * max(abs(low), abs(high)) else { return low...high }
    let half = high == 0 ? 0.5 : abs(high) / 10
    return low - half...high + half
  }
}
