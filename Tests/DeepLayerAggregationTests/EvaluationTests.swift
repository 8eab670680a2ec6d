import DLAData
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

struct EvaluationTests {
  private let folder: TemporaryFolder
  /// The images of the tests, including broken ones, a missing one and a wrong label.
  private let list: String
  private let lines: Int

  init() throws {
    folder = try TemporaryFolder()
    let images = Fixtures.folder.appending(path: "images")
    let names = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
      .filter { ImageWalk.isNamedAsImage($0) }
    var lines = names.enumerated().map { "\(images.appending(path: $1).path) \($0 % 10)" }
    lines.insert("missing.jpg 1", at: 5)
    lines.insert("\(images.path)/jpeg-444.jpg nothing", at: 9)
    self.lines = lines.count
    list = try folder.write(lines.joined(separator: "\n"), to: "list.txt")
  }

  private func outcomes(
    _ configuration: Network.Configuration, batchSize: Int, skipping: Int = 0, limit: Int? = nil
  ) throws -> [Outcome] {
    let classifier = try Classifier.builtIn(configuration: configuration)
    let dataset: any Dataset = try DatasetSource(list).open(classes: classifier.classNames)
    var outcomes: [Outcome] = []
    var reader = try dataset.reader()
    reader.skip(skipping)
    try Evaluation(classifier, on: dataset, batchSize: batchSize, decodeThreads: 3)
      .run(reader, limit: limit) {
        outcomes.append($0)
        return true
      }
    return outcomes
  }

  @Test(arguments: InstructionSet.available, [1, 3, 8])
  func outcomesDependOnTheImagesAlone(instructionSet: InstructionSet, batchSize: Int) throws {
    let expected = try outcomes(.init(threads: 1), batchSize: 1)
    try #require(expected.count == lines)
    let found = try outcomes(
      .init(threads: 2, streams: 2, instructionSet: instructionSet), batchSize: batchSize)
    try #require(found.count == lines)
    for (outcome, expected) in zip(found, expected) {
      #expect(outcome.name == expected.name && outcome.label == expected.label)
      switch (outcome.classification, expected.classification) {
      case (.failed(let message), .failed(let expected)): #expect(message == expected)
      case (.predictions(let predictions, let loss), .predictions(let others, let otherLoss)):
        #expect(predictions.map(\.index) == others.map(\.index), "\(outcome.name)")
        #expect(abs(loss - otherLoss) < 1e-4 * max(1, otherLoss))
      default: Issue.record("\(outcome.name) is a failure only sometimes")
      }
    }
  }

  /// Names of broken files begin with `bad-`.
  @Test func failuresAreNamedAndOtherSamplesAreClassified() throws {
    let outcomes = try outcomes(.init(), batchSize: 4)
    for (place, outcome) in outcomes.enumerated() {
      let isBroken = place == 5 || place == 9 || outcome.name.contains("/bad-")
      switch outcome.classification {
      case .failed(let message):
        #expect(isBroken && message.hasPrefix(outcome.name + ": "))
        #expect(outcome.isCorrect == nil)
      case .predictions(let predictions, let loss):
        #expect(!isBroken && predictions.count == 5 && loss >= 0)
        #expect(outcome.isCorrect == (predictions[0].index == outcome.label))
      }
    }
    #expect(outcomes[9].label == nil && outcomes[5].label == 1)
    guard case .failed(let message) = outcomes[9].classification else { return }
    let words = "jpeg-444.jpg: label \"nothing\" is not one of the 10 classes, line 10; 0 to 9 or"
    #expect(message.contains(words))
  }

  @Test func partsMakeTheWhole() throws {
    let whole = try outcomes(.init(threads: 1), batchSize: 1)
    for (skipped, limit) in [(0, 7), (7, nil), (5, 1), (whole.count, nil), (1000, nil), (3, 0)] {
      let part = try outcomes(.init(threads: 1), batchSize: 1, skipping: skipped, limit: limit)
      #expect(part == Array(whole.dropFirst(skipped).prefix(limit ?? .max)))
    }
  }

  @Test func theSequenceGivesTheOutcomesInOrder() async throws {
    let expected = try outcomes(.init(threads: 2), batchSize: 4)
    let classifier = try Classifier.builtIn(configuration: .init(threads: 2))
    let dataset = try DatasetSource(list).open(classes: classifier.classNames)
    var found: [Outcome] = []
    let evaluation = Evaluation(classifier, on: dataset, batchSize: 4, decodeThreads: 3)
    for try await outcome in evaluation { found.append(outcome) }
    #expect(found == expected)
    found = []
    for try await outcome in Evaluation(classifier, on: dataset, limit: 5, batchSize: 4) {
      found.append(outcome)
    }
    #expect(found == Array(expected.prefix(5)))
    // Leaving the loop ends it.
    for try await outcome in evaluation {
      #expect(outcome == expected[0])
      break
    }
  }

  /// A dataset without an end.
  private struct Endless: Dataset {
    let sample: Sample
    let count: Int? = nil
    let summary = "endless"
    let fingerprint: UInt64 = 0

    private struct Reader: SampleReader {
      let sample: Sample
      mutating func next() -> Result<Sample, SampleError>? { .success(sample) }
      mutating func skip(_ count: Int) {}
    }

    func reader() -> any SampleReader { Reader(sample: sample) }
    func shuffled(seed: UInt64) -> any Dataset { self }
  }

  @Test func cancellationEndsAnEndlessEvaluation() async throws {
    let classifier = try Classifier.builtIn(configuration: .init(threads: 2))
    let path = Fixtures.package.appending(path: "Examples/Images/horse.png").path
    let sample = Sample(name: path, content: .file(path: path), label: 7)
    let task = Task {
      var count = 0
      for try await outcome in Evaluation(classifier, on: Endless(sample: sample)) {
        count += 1
        #expect(outcome.isCorrect == true)
        if count == 50 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return count
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  /// `scipy.special.logsumexp(x) - x[label]` and `softmax(x)` in float64, of float32 scores.
  @Test(
    arguments: [
      (
        [
          0.5029208660125732, -0.5284194350242615, 2.56169056892395, 0.4196004569530487,
          -2.142677545,
        ],
        0, 2.320805178333922, 2, 0.7694837254630681
      ),
      (
        [
          1.4463802576065063, 5.216000080108643, 3.7883238792419434, -2.814940929412842,
          -5.061686039,
        ],
        3, 8.264657381152592, 1, 0.7915863003902117
      ),
      (
        [
          -2.929069519042969, -2.1770360469818115, -1.2652006149291992, 1.6465221643447876,
          4.17005348,
        ],
        2, 5.5187803672084, 4, 0.9198669212441773
      ),
      ([300, -200, 0.5], 1, 500, 0, 1),
      ([300, -200, 0.5], 0, 0, 0, 1),
    ] as [([Float], Int, Double, Int, Double)])
  func lossAndProbabilityAreThoseOfFloat64(
    scores: [Float], label: Int, loss: Double, first: Int, probability: Double
  ) throws {
    let result = try Classifier.builtIn().classification(scores[...], label: label)
    guard case .predictions(let predictions, let found) = result else {
      Issue.record("predictions are expected")
      return
    }
    #expect(abs(found - loss) < 1e-7 * max(1, loss))
    #expect(predictions.first?.index == first)
    #expect(abs(Double(predictions.first?.probability ?? 0) - probability) < 1e-6)
  }

  @Test func scoresThatAreNoNumbersAreBrokenWeights() throws {
    let classifier = try Classifier.builtIn()
    for scores in [[.nan, 0], [0, .infinity], [-.infinity, 0]] as [[Float]] {
      let error = #expect(throws: RuntimeError.self) {
        try classifier.classification(scores[...], label: 0)
      }
      #expect(error?.code == .brokenWeights)
    }
  }
}
