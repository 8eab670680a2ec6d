import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// The built-in model on the images it was measured with.
struct CIFAR10Tests {
  /// CIFAR-10 as JPEG beside the checkout, where the project is developed; nil elsewhere.
  private static let archive: URL? = {
    let file = Fixtures.package.deletingLastPathComponent()
      .appending(path: "shared/data/cifar10-jpeg.tar.gz")
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }()

  /// Every instruction set with batches that leave a partial one; other batch sizes take minutes.
  private static let cases = InstructionSet.available.flatMap { instructionSet in
    (isSlowWanted ? [1, 7, 128] : [7]).map { (instructionSet, $0) }
  }

  /// Counts made in PyTorch with PIL's decoding (Documentation/BuiltInModel.md).
  @Test(.enabled(if: archive != nil, "CIFAR-10 is not beside the checkout"))
  func countsAreThoseOfPyTorchForEveryInstructionSetAndBatchSize() throws {
    let folder = try TemporaryFolder()
    let archive = try #require(Self.archive)
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzf", archive.path, "-C", folder.url.path, "cifar10/test"]
    try tar.run()
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
    for (instructionSet, batchSize) in Self.cases {
      let classifier = try Classifier.builtIn(
        configuration: .init(threads: 2, streams: 2, instructionSet: instructionSet))
      let dataset = try DatasetSource(folder.path("cifar10/test"))
        .open(classes: classifier.classNames)
      #expect(dataset.summary == "10 class folders matched by name" && dataset.count == 10_000)
      var tally = Tally()
      try Evaluation(classifier, on: dataset, batchSize: batchSize).run {
        tally.add($0)
        return true
      }
      #expect(tally.images == 10_000 && tally.failed == 0)
      #expect(tally.top1Correct == 8819, "\(instructionSet), batches of \(batchSize)")
      #expect(tally.top5Correct == 9942, "\(instructionSet), batches of \(batchSize)")
    }
  }
}
