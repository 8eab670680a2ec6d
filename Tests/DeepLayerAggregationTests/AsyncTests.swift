import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

struct AsyncTests {
  private static func image(_ number: Int) -> RGBImage {
    var random = KeyedRandom(key: "async/\(number)")
    let (width, height) = (40 + number % 3, 50)
    return RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private static func classifier(streams: Int = 1) throws -> Classifier {
    try .builtIn(configuration: .init(threads: 2, streams: streams))
  }

  @Test(arguments: [1, 2]) func theResultIsThatOfTheBlockingCall(streams: Int) async throws {
    let classifier = try Self.classifier(streams: streams)
    let expected = try (0..<5).map { try classifier.classifyAndWait(Self.image($0), top: 3) }
    try await withThrowingTaskGroup(of: (Int, [Prediction]).self) { group in
      for task in 0..<40 {
        group.addTask { (task % 5, try await classifier.classify(Self.image(task % 5), top: 3)) }
      }
      for try await (number, predictions) in group { #expect(predictions == expected[number]) }
    }
  }

  @Test func aPathIsReadAndClassified() async throws {
    let classifier = try Self.classifier()
    let path = Fixtures.package.appending(path: "Examples/Images/horse.png").path
    #expect(try await classifier.classify(path: path).first?.label == "horse")
    await #expect(throws: ImageError.self) { try await classifier.classify(path: path + "x") }
  }

  /// Another batch size may be computed by other algorithms, so probabilities differ by rounding.
  @Test(arguments: [1, 3, 8, 20]) func aBatchGivesTheResultsOfItsImages(batchSize: Int) async throws
  {
    let classifier = try Self.classifier()
    let images = (0..<10).map(Self.image)
    let batch = try await classifier.classify(images, top: 10, batchSize: batchSize)
    #expect(batch == (try classifier.classifyAndWait(images, top: 10, batchSize: batchSize)))
    try #require(batch.count == images.count)
    for (found, image) in zip(batch, images) {
      let expected = try classifier.classifyAndWait(image, top: 10)
        .sorted { $0.index < $1.index }
      let found = found.sorted { $0.index < $1.index }
      #expect(found.map(\.index) == expected.map(\.index))
      #expect(
        relativeError(found.map(\.probability), expected.map { Double($0.probability) }) < 1e-5)
    }
    #expect(try await classifier.classify([RGBImage](), batchSize: batchSize).isEmpty)
  }

  @Test func errorsOfTheNetworkAreThrown() async throws {
    struct NoWeights: Error, WeightSource {
      func read(_ tensor: TensorSpecification) throws -> [Float] { throw self }
    }
    let classifier = try Classifier(Network(Variant.named("dla46_c"), weights: NoWeights()))
    await #expect(throws: NoWeights.self) { try await classifier.classify(Self.image(0)) }
    await #expect(throws: NoWeights.self) { try await classifier.classify([Self.image(0)]) }
    await #expect(throws: NoWeights.self) { try await classifier.features(Self.image(0)) }
  }

  @Test func aCancelledTaskThrows() async throws {
    let classifier = try Self.classifier()
    let image = Self.image(0)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await classifier.classify(image)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    let images = Array(repeating: image, count: 4)
    let batch = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await classifier.classify(images)
    }
    await #expect(throws: CancellationError.self) { try await batch.value }
    // The threads are free again.
    #expect(try await classifier.classify(image).count == 5)
  }

  @Test func thePyramidHasStridesAndChannels() async throws {
    let classifier = try Self.classifier()
    let image = Self.image(1)
    let pyramid = try await classifier.features(image)
    #expect(pyramid.map(\.level) == Array(0...5))
    #expect(pyramid.map(\.stride) == [1, 2, 4, 8, 16, 32])
    #expect(pyramid.map(\.channels) == [16, 32, 64, 64, 128, 256])
    for map in pyramid {
      let side = classifier.preprocessor.preset.crop / map.stride
      #expect(map.tensor.shape == [1, map.channels, side, side])
    }
    #expect(try await classifier.features(image, levels: 5...5) == [pyramid[5]])
    #expect(try classifier.featuresAndWait(image, levels: 3...4) == Array(pyramid[3...4]))
  }

  @Test func explanationsAreThoseOfTheBlockingCalls() async throws {
    let classifier = try Self.classifier()
    let image = Self.image(2)
    let crop = try classifier.preprocessor.input(image)
    let gradCAM = try await classifier.explain(image, classIndex: 3)
    #expect(gradCAM.map == (try classifier.gradCAM(crop: crop, classIndex: 3)).map)
    let squares = Occlusion(crop: 96, stride: 24)
    let occlusion = try await classifier.explain(image, by: .occlusion(squares))
    #expect(occlusion.map == (try classifier.occlusion(crop: crop, squares)).map)
    #expect(occlusion.map.width == 4)
  }

  @Test func fourBytesAPixelBecomeThree() {
    // Two pixels a row, and two bytes behind each row.
    let bytes = (0..<20).map { UInt8($0) }
    let image = bytes.withUnsafeBytes {
      RGBImage(width: 2, height: 2, rowBytes: 10, offsets: (2, 1, 0), of: $0)
    }
    #expect(image.pixels == [2, 1, 0, 6, 5, 4, 12, 11, 10, 16, 15, 14])
  }
}
