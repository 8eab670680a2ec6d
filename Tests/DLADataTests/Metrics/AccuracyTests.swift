import DLAData
import Testing

/// Counts of correct predictions, calibration and confusion.
struct AccuracyTests {
  private static func outcome(
    _ label: Int, _ predictions: Int..., probability: Float = 0.5, loss: Double = 1
  ) -> Outcome {
    Outcome(
      name: "x", label: label,
      classification: .predictions(
        predictions.map { Outcome.Prediction(index: $0, probability: probability) }, loss: loss))
  }
  private static let failure = Outcome(name: "x", label: 1, classification: .failed("x: broken"))

  @Test func talliesCountWhatIsRight() {
    var tally = Tally()
    #expect(tally.top1 == nil && tally.top5 == nil && tally.loss == nil)
    tally.add(Self.failure)
    #expect(tally.images == 0 && tally.failed == 1 && tally.top1 == nil && tally.loss == nil)
    tally.add(Self.outcome(3, 3, 1, 2, loss: 0.25))
    tally.add(Self.outcome(4, 0, 1, 2, 3, 4, loss: 1.5))
    tally.add(Self.outcome(4, 0, 1, 2, 3, 5, loss: 2.75))
    tally.add(Self.outcome(5, 0, 1, 2, 3, 4, 5, loss: 3.5))
    #expect(tally.images == 4 && tally.failed == 1)
    // The sixth prediction is none of five.
    #expect(tally.top1Correct == 1 && tally.top5Correct == 2)
    #expect(tally.top1 == 0.25 && tally.top5 == 0.5 && tally.loss == 2)
  }

  @Test func anOutcomeIsCorrectByItsFirstGuess() {
    #expect(Self.outcome(3, 3, 1).isCorrect == true)
    #expect(Self.outcome(1, 3, 1).isCorrect == false)
    #expect(Self.failure.isCorrect == nil)
  }

  /// In numpy, of float32 probabilities `p` taken to float64 and booleans `c`:
  /// `i = np.clip(np.ceil(p * bins).astype(int) - 1, 0, bins - 1)`, then the sum over bins `b` of
  /// `abs(c[i == b].mean() - p[i == b].mean()) * (i == b).mean()`.
  @Test(arguments: [(10, 0.2779453788604587), (15, 0.2787796376552433)])
  func theCalibrationErrorIsNumpys(bins: Int, expected: Double) {
    var calibration = Calibration(bins: bins)
    var x = 12_345
    func step() -> Int {
      x = (x * 1_103_515_245 + 12_345) % (1 << 31)
      return x
    }
    for _ in 0..<200 {
      let probability = Float(Double(step()) / Double(1 << 31))
      let isCorrect = step() % 3 != 0
      calibration.add(Self.outcome(isCorrect ? 1 : 0, 1, probability: probability))
    }
    #expect(abs(calibration.error - expected) < 1e-12)
    #expect(calibration.bins.reduce(0) { $0 + $1.count } == 200)
  }

  @Test func boundsBelongToTheLowerBin() {
    var calibration = Calibration(bins: 4)
    for probability in [0, 0.25, Float(0.25).nextUp, 0.5, 0.75, 1] {
      calibration.add(Self.outcome(1, 1, probability: probability))
    }
    calibration.add(Self.failure)
    #expect(calibration.bins.map(\.count) == [2, 2, 1, 1])
    #expect(calibration.bins[3].confidence == 1 && calibration.bins[3].accuracy == 1)
    #expect(Calibration().error == 0 && Calibration().bins[0].confidence == nil)
  }

  @Test func aPerfectlyCalibratedAnswerHasNoError() {
    var calibration = Calibration()
    for right in [1, 1, 1, 0] { calibration.add(Self.outcome(right, 1, probability: 0.75)) }
    #expect(calibration.error == 0)
  }

  @Test func confusionsAreCountedByLabelAndFirstGuess() {
    var matrix = ConfusionMatrix(classes: 3)
    for (label, prediction) in [(0, 0), (0, 2), (0, 2), (2, 1)] {
      matrix.add(Self.outcome(label, prediction, 0))
    }
    matrix.add(Self.failure)
    let rows = (0..<3).map { label in (0..<3).map { matrix[label, $0] } }
    #expect(rows == [[1, 0, 2], [0, 0, 0], [0, 1, 0]])
    #expect((0..<3).map(matrix.count) == [3, 0, 1])
  }
}
