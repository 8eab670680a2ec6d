/// Numbers of an ``Augmentation`` that are outside their ranges.
public struct AugmentationError: Error, Sendable, CustomStringConvertible {
  /// One line: which number, what was found, what was expected.
  public let message: String

  /// The message.
  public var description: String { message }
}

extension Augmentation {
  /// Finds numbers that are outside their ranges, for settings that come from outside.
  ///
  /// - Throws: ``AugmentationError`` that names the first of them.
  public func check() throws(AugmentationError) {
    switch crop {
    case .centre: break
    case .padded(let border):
      try checkNumber(
        "the border around a crop", Double(border), within: 0...Double(Preprocessor.maximumSide))
    case .resized(let crop): try crop.check()
    }
    try checkNumber("the share of mirrored images", flip, within: 0...1)
    try randAugment?.check()
    try jitter?.check()
    try erasing?.check()
  }
}

/// Throws unless a number is within its range; NaN is in none.
func checkNumber(
  _ name: String, _ value: Double, within range: ClosedRange<Double>
) throws(AugmentationError) {
  guard range.contains(value) else {
    throw AugmentationError(
      message: "\(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
  }
}

/// Throws unless both ends are within the range, and not in the wrong order.
func checkEnds(
  _ name: String, _ lower: Double, _ upper: Double, within range: ClosedRange<Double>
) throws(AugmentationError) {
  try checkNumber("the smallest \(name)", lower, within: range)
  try checkNumber("the largest \(name)", upper, within: range)
  guard lower <= upper else {
    throw AugmentationError(
      message: "the smallest \(name) is \(lower), above the largest, \(upper); exchange them")
  }
}
