import DLASystem
import DLATensor

/// Whole pixels of an image: a rectangle of them.
package struct Box: Sendable, Equatable {
  /// From the left edge on.
  package let columns: Range<Int>
  /// From the upper edge on.
  package let rows: Range<Int>

  /// Describes a rectangle.
  package init(columns: Range<Int>, rows: Range<Int>) {
    (self.columns, self.rows) = (columns, rows)
  }
}

extension Box {
  /// Draws the place of a rectangle in an image, any as likely as any other.
  ///
  /// - Precondition: `size` is at most that of the image.
  init(
    size: (width: Int, height: Int), within image: (width: Int, height: Int),
    random: inout KeyedRandom
  ) {
    let top = random.nextIndex(below: image.height - size.height + 1)
    let left = random.nextIndex(below: image.width - size.width + 1)
    self.init(columns: left..<(left + size.width), rows: top..<(top + size.height))
  }
}

extension KeyedRandom {
  /// One of some elements, any as likely as any other; nil if there is none.
  ///
  /// Nothing is drawn where there is no choice.
  mutating func nextElement<Element>(of elements: [Element]) -> Element? {
    elements.count < 2 ? elements.first : elements[nextIndex(below: elements.count)]
  }

  /// The next number, uniform between two others.
  mutating func nextUniform(from lower: Double, to upper: Double) -> Double {
    lower + (upper - lower) * nextFraction()
  }

  /// The next ratio of two sides between two others: uniform itself, or in its logarithm.
  mutating func nextRatio(from lower: Double, to upper: Double, usesLogarithm: Bool) -> Double {
    guard usesLogarithm else { return nextUniform(from: lower, to: upper) }
    let logarithm = nextUniform(from: Platform.logarithm(lower), to: Platform.logarithm(upper))
    return Platform.exponential(logarithm)
  }
}
