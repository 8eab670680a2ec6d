import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Images that are decoded on several threads and handed out in order.
struct PipelineTests {
  /// What a test says where there is no image.
  private struct Missing: Error, Equatable {
    let item: Int
  }

  /// Five images of one colour each.
  private static let pictures = (0..<5).map { number in
    RGBImage(
      width: 32, height: 32, pixels: Array(repeating: UInt8(40 + 50 * number), count: 3 * 32 * 32))
  }

  private static func classifier(streams: Int = 1, crop: Int = 32) throws -> Classifier {
    var preset = Preset.builtIn
    (preset.resizeShort, preset.crop) = (crop, crop)
    return try Classifier.builtIn(
      preset: preset, configuration: .init(threads: max(2, streams), streams: streams))
  }

  /// Gives the numbers from 0 on and counts how many were asked for.
  private final class Source: Sendable {
    private let asked = Locked(0)
    let count: Int

    init(_ count: Int) { self.count = count }

    var handedOut: Int { asked.withLock { $0 } }

    @Sendable func next() -> (title: Int, item: Int)? {
      asked.withLock { asked in
        guard asked < count else { return nil }
        asked += 1
        return (asked - 1, asked - 1)
      }
    }
  }

  /// The image of a number; every seventh is missing, and some take their time.
  @Sendable private static func picture(_ item: Int) throws -> RGBImage {
    var random = KeyedRandom(key: "pipeline/\(item)")
    if random.next() % 3 == 0 { usleep(UInt32(random.next() % 4000)) }
    guard item % 7 != 3 else { throw Missing(item: item) }
    return pictures[item % pictures.count]
  }

  @Test(arguments: [1, 3, 8], [(1, 1), (8, 1), (5, 3)])
  func resultsAreInOrderWithErrorsInTheirPlaces(
    batchSize: Int, workers: (decoders: Int, streams: Int)
  ) throws {
    let classifier = try Self.classifier(streams: workers.streams)
    let expected = try Self.pictures.map { picture in
      let input = try classifier.preprocessor.input(picture)
      return try classifier.network(Tensor(shape: [1] + input.shape, elements: input.elements))
        .logits.elements.map(Double.init)
    }
    for count in [1, batchSize, 50] {
      var next = 0
      try ClassificationPipeline(
        classifier, batchSize: batchSize, decodeThreads: workers.decoders
      ).run(Source(count).next, image: Self.picture) { item, result in
        #expect(item == next)
        next += 1
        switch result {
        case .success(let scores):
          #expect(item % 7 != 3)
          #expect(relativeError(scores, expected[item % expected.count]) < 1e-5)
        case .failure(let error):
          #expect(error as? Missing == Missing(item: item))
          #expect(item % 7 == 3)
        }
        return true
      }
      #expect(next == count)
    }
  }

  @Test(arguments: [1, 3, 8]) func nothingGivesNothing(batchSize: Int) throws {
    try ClassificationPipeline(try Self.classifier(), batchSize: batchSize).run(
      Source(0).next, image: Self.picture
    ) { item, _ in
      Issue.record("\(item) was never given")
      return true
    }
  }

  @Test(arguments: [1, 3, 8]) func whoHasHadEnoughGetsNoMore(batchSize: Int) throws {
    let pipeline = ClassificationPipeline(try Self.classifier(streams: 2), batchSize: batchSize)
    for end in [1, 2, 11] {
      var reported = 0
      try pipeline.run(Source(.max).next, image: Self.picture) { _, _ in
        reported += 1
        return reported < end
      }
      #expect(reported == end)
    }
  }

  /// However slow the end is, only what fits the batches is decoded ahead.
  @Test func queuesAreBounded() throws {
    let (batchSize, streams) = (3, 2)
    let source = Source(.max)
    var handedOut = 0
    try ClassificationPipeline(
      try Self.classifier(streams: streams), batchSize: batchSize, decodeThreads: 4
    ).run(source.next, image: Self.picture) { _, _ in
      Thread.sleep(forTimeInterval: 0.3)
      handedOut = source.handedOut
      return false
    }
    #expect(handedOut >= batchSize && handedOut <= (2 * streams + 1) * batchSize)
  }

  /// A crop of 33 is none that the network can take.
  @Test(arguments: [1, 3, 8]) func whatTheNetworkThrowsIsThrown(batchSize: Int) throws {
    let pipeline = ClassificationPipeline(try Self.classifier(crop: 33), batchSize: batchSize)
    let error = #expect(throws: RuntimeError.self) {
      try pipeline.run(Source(20).next, image: { _ in Self.pictures[0] }, report: { _, _ in true })
    }
    #expect(error?.code == .unsuitableInput)
  }

  /// Without a single image there is nothing for the network, which would throw.
  @Test func batchesOfErrorsAloneDoNotPassTheNetwork() throws {
    let pipeline = ClassificationPipeline(try Self.classifier(crop: 33), batchSize: 4)
    var failed = 0
    let picture: @Sendable (Int) throws -> RGBImage = { throw Missing(item: $0) }
    try pipeline.run(Source(10).next, image: picture) { item, result in
      if case .failure(let error) = result, error as? Missing == Missing(item: item) { failed += 1 }
      return true
    }
    #expect(failed == 10)
  }

  @Test func whatReportThrowsIsThrownAndEndsTheWork() throws {
    let source = Source(.max)
    let pipeline = ClassificationPipeline(try Self.classifier(), batchSize: 2)
    let error = #expect(throws: Missing.self) {
      try pipeline.run(source.next, image: Self.picture) { item, _ in
        guard item < 9 else { throw Missing(item: item) }
        return true
      }
    }
    #expect(error == Missing(item: 9))
    let handedOut = source.handedOut
    Thread.sleep(forTimeInterval: 0.1)
    #expect(source.handedOut == handedOut)
  }
}
