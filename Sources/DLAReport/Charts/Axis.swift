import DLASystem

/// An axis that fits some numbers, with round ticks.
package struct Axis: Sendable {
  package let ticks: [Plot.Tick]
  package let isLogarithmic: Bool
  private let scale: Scale

  private static let steps = 5
  /// Numbers below this fraction of the largest are not distinguishable on a linear axis.
  private static let smallPart = 0.05
  /// With a larger share of small numbers the axis is logarithmic.
  private static let maxSmall = 0.25

  /// Creates an axis between two round numbers.
  ///
  /// It is logarithmic if no number is negative and more than a quarter are small. Numbers that are
  /// not finite are ignored. Positions are in pixels.
  package init(of values: [Double], from first: Double, to last: Double, isEven: Bool = false) {
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

  /// Creates an axis from 0 to a number that need not be round; positions are in pixels.
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
    func place(_ value: Double) -> Double { isLogarithmic ? Platform.logarithm10(value) : value }
    scale = Scale(place(range.lowerBound)...place(range.upperBound), from: first, to: last)
  }

  /// The position of a number in pixels; nil if it can't be drawn.
  package func callAsFunction(_ value: Double) -> Double? {
    guard isDrawable(value), !isLogarithmic || value > 0 else { return nil }
    return scale(isLogarithmic ? Platform.logarithm10(value) : value)
  }

  /// The range, extended to 0 if that is near, and not empty.
  private static func widened(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    let low = low > 0 && low < high / 2 ? 0 : low
    guard high - low <= 1e-6 * max(abs(low), abs(high)) else { return low...high }
    let half = high == 0 ? 0.5 : abs(high) / 10
    return low - half...high + half
  }
}
