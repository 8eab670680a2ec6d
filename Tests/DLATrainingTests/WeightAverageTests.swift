import DLASystem
import DLATraining
import Testing
import _DLATestSupport

struct WeightAverageTests {
  private let threads = ThreadPool(count: 2)

  @Test(arguments: 0..<3) func averageIsThatOfTimm(index: Int) throws {
    let recorded = try Recorded.read().averages[index]
    var average = average(recorded)
    for update in 1...10 { take(update, into: &average) }
    #expect(relativeError(average.values, recorded.values) < 1e-6)
  }

  @Test(arguments: 0..<3) func averageGoesOnFromItsStateBitForBit(index: Int) throws {
    let recorded = try Recorded.read().averages[index]
    var whole = average(recorded)
    var parted = average(recorded)
    for update in 1...10 {
      take(update, into: &whole)
      take(update, into: &parted)
      var next = average(recorded)
      try next.restore(parted.values, updates: parted.updates)
      parted = next
    }
    #expect(whole.values == parted.values && whole.updates == parted.updates)
  }

  @Test func decayGrowsToItsBound() {
    let average = WeightAverage(count: 0, decay: 0.9, warmUp: .init(), threads: threads)
    let decays = (1...100).map(average.decay)
    #expect(decays[0] == 0 && decays[99] == 0.9)
    #expect(zip(decays, decays.dropFirst()).allSatisfy { $0 <= $1 })
    // 1 − (1 + 7)^(−2/3)
    #expect(abs(decays[7] - 0.75) < 1e-12)
  }

  @Test func averageRefusesThatOfAnotherNetwork() {
    var average = WeightAverage(count: 3, threads: threads)
    for (values, updates) in [([Float](repeating: 0, count: 4), 1), ([0, 0, 0], -1)] {
      let error = #expect(throws: TrainingError.self) {
        try average.restore(values, updates: updates)
      }
      #expect(error?.code == .unsuitableState)
    }
  }

  private func average(_ recorded: Recorded.Average) -> WeightAverage {
    var warmUp: WeightAverage.WarmUp?
    if let gamma = recorded.gamma, let power = recorded.power {
      warmUp = WeightAverage.WarmUp(gamma: gamma, power: power)
    }
    return WeightAverage(count: 10, decay: recorded.decay, warmUp: warmUp, threads: threads)
  }

  private func take(_ update: Int, into average: inout WeightAverage) {
    var weights = Block(drawn("weight/\(update)", 7) + drawn("mean/\(update)", 3))
    weights.lend { average.update(with: $0) }
  }
}
