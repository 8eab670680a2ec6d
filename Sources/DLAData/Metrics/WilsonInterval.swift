/// The 95% interval of a share that was counted.
///
/// Wilson's score interval (JASA 22, 1927), which stays within 0 to 1 and is honest for few samples
/// and for shares near the ends, where the usual ±1.96 standard errors is not.
///
/// - Parameters:
///   - count: how often it happened.
///   - total: how often it could have.
/// - Returns: the bounds of the share, 0 to 1; all of it where nothing was counted.
public func wilsonInterval(_ count: Int, of total: Int) -> ClosedRange<Double> {
  guard total > 0 else { return 0...1 }
  let z = 1.959963984540054  // the 97.5th percentile of the normal distribution
  let n = Double(total)
  let share = Double(count) / n
  let scale = 1 + z * z / n
  let center = (share + z * z / (2 * n)) / scale
  let half = z / scale * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
  return max(0, center - half)...min(1, center + half)
}
