import DLAData
import Testing

/// Statistics of counts, against statsmodels 0.15 and scipy 1.17.
struct StatisticsTests {
  /// `proportion_confint(count, total, alpha=0.05, method="wilson")`.
  @Test(arguments: [
    (0, 1, 0.0, 0.7934506856227627),
    (1, 1, 0.2065493143772374, 1.0),
    (0, 10, 0.0, 0.27753279986288926),
    (5, 10, 0.23659309051256394, 0.7634069094874361),
    (10, 10, 0.7224672001371106, 1.0),
    (7457, 10_000, 0.7370717725005563, 0.7541395307000932),
    (9833, 10_000, 0.9805964537384424, 0.9856323734364614),
    (1, 1_000_000, 1.7652457674537176e-07, 5.664911804311445e-06),
    (38_065, 50_000, 0.7575434965258423, 0.7650163556310894),
  ])
  func theIntervalIsWilsons(count: Int, total: Int, lower: Double, upper: Double) {
    let interval = Tally.wilsonInterval(count, of: total)
    #expect(abs(interval.lowerBound - lower) < 1e-14 + 1e-9 * lower)
    #expect(abs(interval.upperBound - upper) < 1e-14 + 1e-12 * upper)
  }

  @Test func nothingCountedMayBeAnything() { #expect(Tally.wilsonInterval(0, of: 0) == 0...1) }

  /// `mcnemar([[50, first], [second, 10]], exact=True).pvalue`.
  @Test(arguments: [
    (0, 0, 1.0),
    (1, 0, 1.0),
    (5, 5, 1.0),
    (10, 2, 0.03857421875),
    (2, 10, 0.03857421875),
    (25, 40, 0.08168153394154003),
    (121, 59, 4.4344492637551645e-06),
    (700, 900, 6.319484959450105e-07),
    (0, 30, 1.862645149230957e-09),
    (12_345, 12_000, 0.027471663212771995),
    (500_000, 499_000, 0.317552599673747),
    (3, 400, 1.056134041536089e-114),
  ])
  func pValuesAreThoseOfStatsmodels(first: Int, second: Int, expected: Double) {
    let test = Self.test(both: 50, first: first, second: second, neither: 10)
    #expect(abs(test.pValue / expected - 1) < 1e-9, "\(test.pValue)")
    #expect(test.count == 60 + first + second)
  }

  @Test func extremesStayWithinZeroAndOne() {
    for (first, second) in [(1_000_000, 0), (0, 100_000), (400_000, 600_000)] {
      let test = Self.test(both: 0, first: first, second: second, neither: 0)
      #expect((0...1e-300).contains(test.pValue))
    }
  }

  /// The usual interval of paired shares with 0.5 added to all four counts, in numpy:
  /// `d ± 1.959963984540054 * np.sqrt(((b + c) / n - d * d) / n)`.
  @Test func theDifferenceHasAnInterval() {
    let test = Self.test(both: 700, first: 121, second: 59, neither: 120)
    #expect(abs(test.difference + 0.062) < 1e-15)
    #expect(abs(test.differenceInterval.lowerBound + 0.08791185447493471) < 1e-12)
    #expect(abs(test.differenceInterval.upperBound + 0.03584064053504532) < 1e-12)
    let none = McNemar().differenceInterval
    #expect(abs(none.lowerBound + 0.979981992270027) < 1e-12)
    #expect(abs(none.upperBound - 0.979981992270027) < 1e-12)
    let all = Self.test(both: 0, first: 0, second: 10, neither: 0).differenceInterval
    #expect(abs(all.lowerBound - 0.5666160179802607) < 1e-12 && all.upperBound == 1)
    #expect(McNemar().pValue == 1 && McNemar().difference == 0)
  }

  private static func test(both: Int, first: Int, second: Int, neither: Int) -> McNemar {
    var test = McNemar()
    for _ in 0..<both { test.add(first: true, second: true) }
    for _ in 0..<first { test.add(first: true, second: false) }
    for _ in 0..<second { test.add(first: false, second: true) }
    for _ in 0..<neither { test.add(first: false, second: false) }
    return test
  }
}
