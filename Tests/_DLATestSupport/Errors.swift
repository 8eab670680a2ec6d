/// The L2 norm of the difference, divided by that of the reference.
public func relativeError(
  _ values: some Sequence<Float>, _ reference: some Sequence<Double>
) -> Double {
  var difference = 0.0
  var norm = 0.0
  for (value, expected) in zip(values, reference) {
    difference += (Double(value) - expected) * (Double(value) - expected)
    norm += expected * expected
  }
  return (difference / max(norm, .leastNormalMagnitude)).squareRoot()
}
