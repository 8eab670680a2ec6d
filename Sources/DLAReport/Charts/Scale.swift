/// Takes the numbers of an axis to places in a drawing.
package struct Scale: Sendable {
  /// The numbers at the ends of the axis, the lower one first.
  package let domain: ClosedRange<Double>
  /// Where the ends lie, in pixels; the first may be the larger, as it is on axes that go up.
  package let places: (first: Double, last: Double)

  /// Describes an axis.
  ///
  /// - Parameters:
  ///   - domain: the numbers at its ends.
  ///   - first: where the lower one lies, in pixels.
  ///   - last: where the upper one lies, in pixels.
  package init(_ domain: ClosedRange<Double>, from first: Double, to last: Double) {
    self.domain = domain
    places = (first, last)
  }

  /// Where a number lies, in pixels; the lower end where all numbers of the axis are one.
  package func callAsFunction(_ value: Double) -> Double {
    let length = domain.upperBound - domain.lowerBound
    guard length > 0 else { return places.first }
    return places.first + (value - domain.lowerBound) / length * (places.last - places.first)
  }
}

/// Round numbers from 0 up to the first that is not below the largest, for an axis of counts.
///
/// - Parameters:
///   - largest: the largest count.
///   - steps: how many steps there may be, at least 2.
/// - Returns: multiples of 1, 2 or 5 times a power of ten; at least 0 and 1.
package func countTicks(upTo largest: Int, steps: Int = 4) -> [Int] {
  var power = 1
  while true {
    for factor in [1, 2, 5] where factor * power * steps >= largest {
      let step = factor * power
      return (0...max(1, (largest + step - 1) / step)).map { $0 * step }
    }
    power *= 10
  }
}
