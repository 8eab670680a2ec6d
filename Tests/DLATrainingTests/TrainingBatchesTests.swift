import DLAData
import DLATensor
import DLATraining
import Testing

/// Batches of an epoch follow from seed, epoch and place, whatever the threads do.
struct TrainingBatchesTests {
  private static let side = 16
  private static let batchSize = 4

  /// Small images of three classes in memory; some are broken.
  private struct Images: Dataset {
    var order: [Int]
    let broken: Set<Int>

    init(_ count: Int, broken: Set<Int> = []) {
      order = Array(0..<count)
      self.broken = broken
    }

    var summary: String { "\(order.count) images" }
    var count: Int? { order.count }
    var fingerprint: UInt64 { 1 }

    func reader() -> any SampleReader { Reader(images: self) }

    func shuffled(seed: UInt64) -> any Dataset {
      var random = KeyedRandom(key: "order/\(seed)")
      var shuffled = self
      shuffled.order = random.nextOrder(of: order.count).map { order[Int($0)] }
      return shuffled
    }

    func sample(_ number: Int) -> Result<Sample, SampleError> {
      let name = "\(number).png"
      switch broken.contains(number) ? number % 2 : nil {
      case 0: return .failure(SampleError(name: name, message: "is gone"))
      case 1:
        return .success(Sample(name: name, content: .bytes([1, 2, 3]), label: number % 3))
      default:
        var random = KeyedRandom(key: "image/\(number)")
        let pixels = (0..<3 * 20 * 24).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let png = (try? RGBImage(width: 20, height: 24, pixels: pixels).png()) ?? []
        return .success(Sample(name: name, content: .bytes(png), label: number % 3))
      }
    }

    private struct Reader: SampleReader {
      let images: Images
      var place = 0

      mutating func next() -> Result<Sample, SampleError>? {
        guard place < images.order.count else { return nil }
        defer { place += 1 }
        return images.sample(images.order[place])
      }
    }
  }

  /// A batch and the counts behind it.
  private struct Batch: Equatable {
    var images: [Float] = []
    var labels: [Int] = []
    var warnings: [String] = []
    var samplesTaken = 0
    var unreadable = 0
  }

  private static var recipe: TrainingRecipe {
    var recipe = TrainingRecipe()
    recipe.batchSize = batchSize
    recipe.seed = 5
    recipe.augmentation.flip = 0.5
    recipe.augmentation.jitter = ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4)
    recipe.augmentation.erasing = RandomErasing(probability: 0.5)
    return recipe
  }

  private static let preprocessor: Preprocessor = {
    var preset = Preset.timm
    (preset.resizeShort, preset.crop) = (side, side)
    return Preprocessor(preset)
  }()

  private static func source(
    _ images: Images, threads: Int, maxUnreadable: Int = 100
  ) throws -> TrainingBatches.Source {
    TrainingBatches.Source(
      try TrainingData(images, classes: ClassNames(count: 3), name: "images"), recipe: recipe,
      preprocessor: preprocessor, threads: threads, maxUnreadable: maxUnreadable)
  }

  private static func next(_ batches: TrainingBatches, _ count: Int = batchSize) throws -> Batch {
    var batch = Batch()
    let (images, labels) = try batches.next(count) { batch.warnings.append($0) }
    batch.images = Array(images)
    batch.labels = labels
    batch.samplesTaken = batches.samplesTaken
    batch.unreadable = batches.unreadable
    return batch
  }

  /// The batches of an epoch, one sample after another on one thread.
  private static func expected(_ images: Images, epoch: Int, counts: [Int]) throws -> [Batch] {
    let random = TrainingRandom(seed: recipe.seed)
    let order = try #require(images.shuffled(seed: random.orderSeed(epoch: epoch)) as? Images)
    var place = 0
    var unreadable = 0
    return counts.map { count in
      var batch = Batch()
      while batch.labels.count < count {
        let sample = order.sample(order.order[place % order.order.count])
        var augmenting = random.stream(.augment, epoch: epoch, index: place)
        do {
          let sample = try sample.get()
          let pixels = try preprocessor.pixels(
            preprocessor.image(sample), recipe.augmentation, random: &augmenting)
          var image = preprocessor.normalized(pixels)
          var random = random.stream(.erase, epoch: epoch, index: place)
          image.elements.withUnsafeMutableBufferPointer {
            recipe.augmentation.erasing?.erase($0, height: side, width: side, random: &random)
          }
          batch.images += image.elements
          batch.labels.append(sample.label)
        } catch {
          if place < order.order.count {
            unreadable += 1
            batch.warnings.append("\(error)")
          }
        }
        place += 1
      }
      batch.samplesTaken = place
      batch.unreadable = unreadable
      return batch
    }
  }

  /// None; in the middle; all but a few, so that an epoch begins again.
  @Test(arguments: [[], [3, 7, 8], Array(0..<15)], [1, 3, 8])
  func batchesAreThoseOfOneThread(broken: [Int], threads: Int) throws {
    let images = Images(19, broken: Set(broken))
    let counts = [4, 4, 4, 4, 3]
    for epoch in 0..<2 {
      let batches = try TrainingBatches(Self.source(images, threads: threads), epoch: epoch)
      let expected = try Self.expected(images, epoch: epoch, counts: counts)
      for (batch, count) in zip(expected, counts) {
        #expect(try Self.next(batches, count) == batch)
      }
    }
  }

  @Test(arguments: [[], [3, 7, 8]]) func anEpochIsResumedToTheBit(broken: [Int]) throws {
    let images = Images(19, broken: Set(broken))
    let source = try Self.source(images, threads: 3)
    let expected = try Self.expected(images, epoch: 1, counts: [4, 4, 4, 4])
    for (done, rest) in zip(expected, 1...) {
      let batches = try TrainingBatches(
        source, epoch: 1, samplesTaken: done.samplesTaken, unreadable: done.unreadable)
      for batch in expected[rest...] { #expect(try Self.next(batches) == batch) }
    }
  }

  @Test func batchesAreTensorsToo() throws {
    let images = Images(19)
    let batches = try TrainingBatches(Self.source(images, threads: 2), epoch: 0)
    for batch in try Self.expected(images, epoch: 0, counts: [4, 4]) {
      let (tensor, labels) = try batches.next()
      #expect(tensor.shape == [4, 3, Self.side, Self.side] && tensor.elements == batch.images)
      #expect(labels == batch.labels)
    }
  }

  @Test func tooManyUnreadableImagesAreAnError() throws {
    let images = Images(19, broken: [3, 7, 8, 12])
    let batches = try TrainingBatches(Self.source(images, threads: 3, maxUnreadable: 3), epoch: 0)
    var warnings: [String] = []
    let error = #expect(throws: TrainingError.self) {
      for _ in 0..<5 { _ = try batches.next { warnings.append($0) } }
    }
    #expect(error?.code == .tooManyUnreadable && batches.unreadable == 4)
    #expect(error?.message.hasPrefix("4 images of this epoch can't be read, the last: ") == true)
    #expect(warnings.count == 4)
  }

  @Test func dataWithoutAReadableImageAreAnError() throws {
    // The images are counted by their labels, which broken ones of odd numbers have.
    let images = Images(6, broken: Set(0..<6))
    let batches = try TrainingBatches(Self.source(images, threads: 3), epoch: 0)
    let error = #expect(throws: TrainingError.self) { _ = try batches.next() }
    #expect(error?.code == .unsuitableData)
    #expect(error?.message.hasPrefix("no image of the training data can be read") == true)
  }
}
