import DLAData
import DLATensor
import Foundation
import Testing
import _DLATestSupport

@Suite struct DrawnChangesTests {
  @Test func jitterDrawsUniformFactors() {
    let jitter = ColorJitter(brightness: 0.4, contrast: 1.5, saturation: 0.2, hue: 0.1)
    var random = KeyedRandom(key: "jitter")
    var numbers: [String: [Double]] = [:]
    var firsts: [String: Int] = [:]
    for _ in 0..<8_000 {
      let changes = jitter.changes(random: &random).map(named)
      #expect(changes.count == 4)
      for (name, number) in changes { numbers[name, default: []].append(number) }
      if let first = changes.first { firsts[first.0, default: 0] += 1 }
    }
    expectUniform(numbers["brightness"], 0.6...1.4)
    expectUniform(numbers["contrast"], 0...2.5)
    expectUniform(numbers["saturation"], 0.8...1.2)
    expectUniform(numbers["hue"], -0.1...0.1)
    #expect(firsts.count == 4)
    // Five standard deviations of a count of mean 2,000.
    for count in firsts.values { #expect(abs(count - 2_000) < 195) }
  }

  @Test func jitterLeavesOutWhatDoesNotVary() {
    var random = KeyedRandom(key: "none")
    #expect(ColorJitter().changes(random: &random).isEmpty)
    #expect(ColorJitter(hue: 0.2).changes(random: &random).count == 1)
    #expect(ColorJitter(hue: 0.2, probability: 0).changes(random: &random).isEmpty)
    let some = ColorJitter(contrast: 1, probability: 0.25)
    let count = (0..<4_000).filter { _ in !some.changes(random: &random).isEmpty }.count
    #expect(abs(count - 1_000) < 137)
  }

  @Test func timmsPolicyDrawsEveryOperationForHalfOfTheImages() throws {
    let policy = try TimmRandAugment(policy: "rand-m9-n4-inc1")
    var random = KeyedRandom(key: "timm")
    let count = (0..<4_000).reduce(0) { sum, _ in sum + policy.changes(random: &random).count }
    // Five standard deviations of 16,000 draws of one half.
    #expect(abs(count - 8_000) < 317)
    var rare = policy
    rare.probability = 0.25
    let some = (0..<4_000).filter { _ in !rare.changes(random: &random).isEmpty }.count
    // One of sixteen draws nothing; five standard deviations.
    #expect(abs(some - 937) < 134)
  }

  @Test func deviationsOfTimmsPolicyStayInRange() throws {
    let policy = try TimmRandAugment(policy: "rand-mstd50-inc1")
    var random = KeyedRandom(key: "timm range")
    var rotations: [Double] = []
    for _ in 0..<4_000 {
      for case .displaced(.rotation(let degrees), _, let fill) in policy.changes(random: &random) {
        rotations.append(degrees)
        #expect(fill == [124, 116, 104])
      }
    }
    #expect(rotations.contains(30) && rotations.contains(-30))
    #expect(rotations.allSatisfy { abs($0) <= 30 })
  }

  @Test(
    arguments: [
      ("rand-m7-mstd0.5-inc1", 2, 7, 0.5, true), ("rand", 2, 10, 0, false),
      ("rand-n3-m15", 3, 15, 0, false), ("rand-inc0-mstd1", 2, 10, 1, false),
    ] as [(String, Int, Double, Double, Bool)])
  func policiesOfTimmAreRead(
    name: String, operations: Int, magnitude: Double, deviation: Double, isIncreasing: Bool
  ) throws {
    let expected = TimmRandAugment(
      operations: operations, magnitude: magnitude, deviation: deviation,
      isIncreasing: isIncreasing)
    #expect(try TimmRandAugment(policy: name) == expected)
  }

  @Test(arguments: [
    "", "augmix-m3", "rand-", "rand-m", "rand-x3", "rand-n2.5", "rand-mnan", "rand-n999",
  ])
  func otherPoliciesAreErrors(name: String) {
    #expect(throws: AugmentationError.self) { try TimmRandAugment(policy: name) }
  }

  @Test func autoAugmentFollowsItsProbabilities() throws {
    let url = Fixtures.folder.appending(path: "augmentations/probabilities.json")
    let expected = try JSONDecoder().decode([[Double]].self, from: Data(contentsOf: url))
    #expect(AutoAugment.pairs.map { [$0.0.probability, $0.1.probability] } == expected)
    let mean = expected.joined().reduce(0, +) / 25
    var random = KeyedRandom(key: "auto")
    let count = (0..<10_000).reduce(0) { sum, _ in
      sum + AugmentationPolicy.autoAugment.changes(random: &random).count
    }
    #expect(abs(Double(count) - 10_000 * mean) < 400)
  }

  @Test func randAugmentDrawsEveryOperationAndSenseEquallyOften() {
    let policy = RandAugment(operations: 3, magnitude: 7)
    var random = KeyedRandom(key: "rand")
    var counts = [Int](repeating: 0, count: 22)
    let possible = RandAugment.Operation.allCases.flatMap { operation in
      [1.0, -1.0].map { operation.change(magnitude: 7, sign: $0) }
    }
    let distinct = possible.enumerated().filter { possible.firstIndex(of: $1) == $0 }.map(\.element)
    #expect(distinct.count == 22)
    for _ in 0..<14_000 {
      let changes = policy.changes(random: &random)
      #expect(changes.count == 3)
      for change in changes {
        if let index = distinct.firstIndex(of: change) { counts[index] += 1 }
      }
    }
    #expect(counts.reduce(0, +) == 42_000)
    for (change, count) in zip(distinct, counts) {
      // Operations of one sense come 3,000 times, the others 1,500 times in each.
      let expected = possible.filter { $0 == change }.count * 1_500
      let deviation = Int(Double(expected).squareRoot())
      #expect(abs(count - expected) < 5 * deviation, "\(change)")
    }
  }

  @Test func deviatingMagnitudesStayInRange() {
    let policy = RandAugment(operations: 1, magnitude: 9, deviation: 2)
    var random = KeyedRandom(key: "deviation")
    var degrees: [Double] = []
    for _ in 0..<20_000 {
      if case .rotate(let turn) = policy.changes(random: &random)[0] { degrees.append(turn) }
    }
    #expect(degrees.allSatisfy { (0...30).contains($0) })
    // Half a standard deviation below the limit: 30.9% are above it, and as many below 24.
    let highest = Double(degrees.filter { $0 == 30 }.count) / Double(degrees.count)
    let low = Double(degrees.filter { $0 < 24 }.count) / Double(degrees.count)
    #expect(abs(highest - 0.3085) < 0.06 && abs(low - 0.3085) < 0.06)
  }

  private func named(_ change: ImageTransform) -> (String, Double) {
    switch change {
    case .brightness(let number): ("brightness", number)
    case .contrast(let number): ("contrast", number)
    case .saturation(let number): ("saturation", number)
    case .hue(let number): ("hue", number)
    default: ("unexpected", 0)
    }
  }

  /// Within a range, with its mean and variance.
  private func expectUniform(_ values: [Double]?, _ range: ClosedRange<Double>) {
    let values = values ?? []
    let length = range.upperBound - range.lowerBound
    let places = values.map { ($0 - range.lowerBound) / length - 0.5 }
    let count = Double(places.count)
    #expect(count == 8_000)
    #expect(values.allSatisfy { range.contains($0) })
    #expect(abs(places.reduce(0, +) / count) < 5 * (1 / 12 / count).squareRoot())
    let variance = places.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(variance - 1.0 / 12) < 5 * (1 / 180 / count).squareRoot())
  }
}
