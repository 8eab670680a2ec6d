/// The L2 norm of the difference, divided by that of the reference; infinite if their counts differ
/// or there is nothing to compare.
public func relativeError(
  _ values: some Collection<Float>, _ reference: some Collection<Double>
) -> Double {
  guard values.count == reference.count, !values.isEmpty else { return .infinity }
  var difference = 0.0
  var norm = 0.0
  for (value, expected) in zip(values, reference) {
    difference += (Double(value) - expected) * (Double(value) - expected)
    norm += expected * expected
  }
  return (difference / max(norm, .leastNormalMagnitude)).squareRoot()
}
