import DLAGraph
import DLASystem
import DLATensor
import DeepLayerAggregation
import Testing
import _DLATestSupport

/// Images that are decoded on several threads and classified in order.
struct PipelineTests {
  /// The error of a missing image.
  private struct Missing: Error, Equatable {
    let item: Int
  }

  /// Five images of one colour each.
  private static let pictures = (0..<5).map { number in
    RGBImage(
      width: 32, height: 32, pixels: Array(repeating: UInt8(40 + 50 * number), count: 3 * 32 * 32))
  }

  private static func classifier(streams: Int = 1) throws -> Classifier {
    try Classifier.builtIn(
      preprocessing: PreprocessingOptions(resizeShort: 32, crop: 32),
      configuration: .init(threads: max(2, streams), streams: streams))
  }

  /// Gives the numbers from 0 and counts the requested ones.
  private final class Source: Sendable {
    private let asked = Locked(0)
    let count: Int

    init(_ count: Int) { self.count = count }

    var handedOut: Int { asked.withLock { $0 } }

    /// Sleeps until so many numbers were asked for.
    func wait(for count: Int) { asked.wait { $0 >= count ? () : nil } }

    @Sendable func next() -> (title: Int, item: Int)? {
      asked.change { asked in
        guard asked < count else { return nil }
        asked += 1
        return (asked - 1, asked - 1)
      }
    }
  }

  /// The image of a number; every seventh is missing.
  @Sendable private static func picture(_ item: Int) throws -> RGBImage {
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

  @Test(arguments: [1, 3, 8]) func noItemsGiveNoResults(batchSize: Int) throws {
    try ClassificationPipeline(try Self.classifier(), batchSize: batchSize).run(
      Source(0).next, image: Self.picture
    ) { item, _ in
      Issue.record("\(item) was never given")
      return true
    }
  }

  @Test(arguments: [1, 3, 8]) func reportEndsTheRun(batchSize: Int) throws {
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

  /// However slow the end is, only what fits the ring is decoded ahead.
  @Test func queuesAreBounded() throws {
    let (batchSize, streams) = (3, 2)
    let source = Source(.max)
    // The batch that is reported, 0 to 2, has left the ring; the oldest in it starts behind 3, which
    // is missing.
    let bound = 4 + (2 * streams + 1) * batchSize
    try ClassificationPipeline(
      try Self.classifier(streams: streams), batchSize: batchSize, decodeThreads: 4
    ).run(source.next, image: Self.picture) { _, _ in
      source.wait(for: bound)
      return false
    }
    #expect(source.handedOut == bound)
  }

  /// Weights are read once for each plan: 9 images in batches of 8 need a second one where images are
  /// large; small ones are padded, since packing weights would take longer.
  @Test(arguments: [(224, 2), (32, 1)]) func partialBatchesAreComputedAtTheirSize(
    crop: Int, plans: Int
  ) throws {
    let variant = try Variant.named("dla46_c")
    let weights = CountingWeights(SyntheticWeights(variant))
    let network = try Network(variant, weights: weights, configuration: .init(threads: 2))
    var preset = Preset.timm
    (preset.resizeShort, preset.crop) = (crop, crop)
    let classifier = try Classifier(network, preset: preset)
    let expected = try Self.pictures.map { picture in
      let input = try classifier.preprocessor.input(picture)
      let alone = try Network(variant, weights: SyntheticWeights(variant))
      return try alone(Tensor(shape: [1] + input.shape, elements: input.elements))
        .logits.elements.map(Double.init)
    }
    var reported = 0
    try ClassificationPipeline(classifier, batchSize: 8).run(
      Source(9).next, image: { Self.pictures[$0 % Self.pictures.count] },
      report: { item, result in
        let scores = try result.get()
        #expect(relativeError(scores, expected[item % expected.count]) < 1e-5)
        reported += 1
        return true
      })
    #expect(reported == 9)
    #expect(weights.reads == plans * network.graph.tensors.count)
  }

  /// A classifier whose network throws.
  private static func failingClassifier() throws -> Classifier {
    struct NoWeights: WeightSource {
      func read(_ tensor: TensorSpecification) throws -> [Float] { throw Missing(item: -1) }
    }
    let network = try Network(
      Variant.named("dla46_c"), weights: NoWeights(), configuration: .init(threads: 2))
    return try Classifier(network)
  }

  @Test(arguments: [1, 3, 8]) func errorsOfTheNetworkAreThrown(batchSize: Int) throws {
    let pipeline = ClassificationPipeline(try Self.failingClassifier(), batchSize: batchSize)
    let error = #expect(throws: Missing.self) {
      try pipeline.run(Source(20).next, image: { _ in Self.pictures[0] }, report: { _, _ in true })
    }
    #expect(error == Missing(item: -1))
  }

  @Test func batchesOfErrorsAloneDoNotPassTheNetwork() throws {
    let pipeline = ClassificationPipeline(try Self.failingClassifier(), batchSize: 4)
    var failed = 0
    let picture: @Sendable (Int) throws -> RGBImage = { throw Missing(item: $0) }
    try pipeline.run(Source(10).next, image: picture) { item, result in
      if case .failure(let error) = result, error as? Missing == Missing(item: item) { failed += 1 }
      return true
    }
    #expect(failed == 10)
  }

  /// Images that can't be read are reported although they never fill a batch.
  @Test func endlessErrorsAreReported() throws {
    let pipeline = ClassificationPipeline(try Self.classifier(), batchSize: 4)
    let picture: @Sendable (Int) throws -> RGBImage = { throw Missing(item: $0) }
    var reported = 0
    try pipeline.run(Source(.max).next, image: picture) { item, _ in
      reported += 1
      return item < 100
    }
    #expect(reported == 101)
  }

  /// Images that are being decoded when it ends are done when `run` returns.
  @Test func errorsOfReportAreThrownAndNoThreadIsLeft() throws {
    let isOpen = Locked(false)
    let decoding = Locked(0)
    let picture: @Sendable (Int) throws -> RGBImage = { item in
      decoding.change { $0 += 1 }
      defer { decoding.change { $0 -= 1 } }
      if item > 9 { isOpen.wait { $0 ? () : nil } }
      return Self.pictures[item % Self.pictures.count]
    }
    let pipeline = ClassificationPipeline(try Self.classifier(), batchSize: 2, decodeThreads: 3)
    let error = #expect(throws: Missing.self) {
      try pipeline.run(Source(.max).next, image: picture) { item, _ in
        guard item == 9 else { return true }
        decoding.wait { $0 == 3 ? () : nil }
        isOpen.change { $0 = true }
        throw Missing(item: item)
      }
    }
    #expect(error == Missing(item: 9))
    #expect(decoding.withLock { $0 } == 0)
  }
}
