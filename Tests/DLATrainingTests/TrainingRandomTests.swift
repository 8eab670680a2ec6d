import DLATensor
import DLATraining
import Foundation
import Testing

/// Distributions, and that all follow from a seed.
struct TrainingRandomTests {
  private static let draws = 40_000

  @Test(arguments: [0.001, 0.2, 0.4, 1, 1.7, 8])
  func betaNumbersHaveTheirMoments(alpha: Double) {
    var random = KeyedRandom(key: "beta/\(alpha)")
    let numbers = (0..<Self.draws).map { _ in random.nextBeta(alpha: alpha) }
    #expect(numbers.allSatisfy { (0...1).contains($0) })
    // Beta(a, a): variance 1 / (8a + 4), fourth central moment 3 / (16 (2a + 1) (2a + 3)).
    let variance = 1 / (8 * alpha + 4)
    let fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3))
    expectMean(of: numbers, 0.5, variance: variance)
    expectMean(
      of: numbers.map { ($0 - 0.5) * ($0 - 0.5) }, variance, variance: fourth - variance * variance)
  }

  @Test(arguments: [0.3, 1, 2.5, 20]) func gammaNumbersHaveTheirMoments(shape: Double) {
    var random = KeyedRandom(key: "gamma/\(shape)")
    let numbers = (0..<Self.draws).map { _ in exp(random.nextLogGamma(shape: shape)) }
    expectMean(of: numbers, shape, variance: shape)
    // The fourth central moment is 3 shape² + 6 shape.
    expectMean(
      of: numbers.map { ($0 - shape) * ($0 - shape) }, shape,
      variance: 2 * shape * shape + 6 * shape)
  }

  @Test func normalNumbersHaveTheirMoments() {
    var random = KeyedRandom(key: "normal")
    let numbers = (0..<Self.draws).map { _ in random.nextNormal() }
    expectMean(of: numbers, 0, variance: 1)
    expectMean(of: numbers.map { $0 * $0 }, 1, variance: 2)
    expectMean(of: numbers.map { $0 * $0 * $0 }, 0, variance: 15)
  }

  @Test func fractionsAreEvenAndNeverAtTheEnds() {
    var random = KeyedRandom(key: "fractions")
    let numbers = (0..<Self.draws).map { _ in random.nextFraction() }
    #expect(numbers.allSatisfy { $0 > 0 && $0 < 1 })
    expectMean(of: numbers, 0.5, variance: 1.0 / 12)
  }

  @Test func streamsFollowFromSeedPurposeEpochAndIndexAlone() {
    var key = KeyedRandom(key: "augment/7/3/12")
    var stream = TrainingRandom(seed: 7).stream(.augment, epoch: 3, index: 12)
    #expect((0..<4).map { _ in stream.next() } == (0..<4).map { _ in key.next() })

    var firsts: Set<UInt64> = []
    for seed in [UInt64(1), 11] {
      for purpose in TrainingRandom.Purpose.allCases {
        for epoch in [0, 1, 11] {
          for index in [0, 1, 11] {
            var stream = TrainingRandom(seed: seed).stream(purpose, epoch: epoch, index: index)
            firsts.insert(stream.next())
          }
        }
      }
    }
    #expect(firsts.count == 2 * TrainingRandom.Purpose.allCases.count * 9)
  }

  @Test func everyEpochHasAnOrderOfItsOwn() {
    let random = TrainingRandom(seed: 3)
    let seeds = (0..<100).map { random.orderSeed(epoch: $0) }
    #expect(Set(seeds).count == 100)
    #expect(TrainingRandom(seed: 3).orderSeed(epoch: 2) == seeds[2])
    #expect(TrainingRandom(seed: 4).orderSeed(epoch: 2) != seeds[2])
  }

  /// A mean within five of its standard deviations.
  private func expectMean(
    of numbers: [Double], _ mean: Double, variance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = numbers.reduce(0, +) / Double(numbers.count)
    let deviation = (variance / Double(numbers.count)).squareRoot()
    #expect(
      abs(found - mean) < 5 * deviation, "found \(found), expected \(mean) ± \(deviation)",
      sourceLocation: sourceLocation)
  }
}
