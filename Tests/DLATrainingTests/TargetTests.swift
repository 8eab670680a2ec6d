import DLASystem
import DLATensor
import DLATraining
import Foundation
import Testing

/// Targets of classes, and mixup and cutmix.
struct TargetTests {
  private let work = BlockWork(ThreadPool(count: 2))

  @Test(arguments: 0..<3) func smoothedTargetsGiveTheLossOfPyTorch(index: Int) throws {
    let recorded = try Recorded.read().smoothing[index]
    let classes = recorded.classes
    let logits = drawn("logits", recorded.labels.count * classes).map { 3 * Double($0) }
    var targets = Block(Array(repeating: .nan, count: logits.count))
    targets.lend {
      writeTargets(labels: recorded.labels, classes: classes, smoothing: recorded.epsilon, to: $0)
    }
    #expect(abs(loss(logits, targets, classes) / recorded.loss - 1) < 1e-6)
  }

  @Test(arguments: 0..<2) func weightsOfClassesGiveTheLossOfPyTorch(index: Int) throws {
    let recorded = try Recorded.read().weighted[index]
    let classes = recorded.weights.count
    let logits = drawn("logits", recorded.labels.count * classes).map { 3 * Double($0) }
    var targets = Block(Array(repeating: .nan, count: logits.count))
    targets.lend {
      writeTargets(labels: recorded.labels, classes: classes, smoothing: recorded.epsilon, to: $0)
      weigh($0, by: recorded.weights.map { Float($0) })
    }
    #expect(abs(loss(logits, targets, classes) / recorded.loss - 1) < 1e-6)
  }

  @Test func weightsOfClassesHaveAMeanOfOne() throws {
    let counts = [10, 0, 30, 60]
    for weights in [ClassWeights.balanced, .values([3, 1, 0, 2])] {
      let factors = try weights.factors(counts: counts)
      let sum = zip(factors, counts).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(sum / 100 - 1) < 1e-6)
    }
    // scikit-learn's compute_class_weight("balanced", …) of the classes that occur.
    let balanced = try ClassWeights.balanced.factors(counts: counts)
    for (factor, expected) in zip(balanced, [3.3333333, 1, 1.1111111, 0.5555556] as [Float]) {
      #expect(abs(factor - expected) < 1e-6)
    }
    for wrong in [[1, 2], [0, 1, 0, 0], [1, 1, -1, 1], [1, .nan, 1, 1]] as [[Double]] {
      #expect(throws: TrainingError.self) { try ClassWeights.values(wrong).factors(counts: counts) }
    }
  }

  /// The mean over the images of cross entropy with any targets.
  private func loss(_ logits: [Double], _ targets: Block, _ classes: Int) -> Double {
    let images = logits.count / classes
    let sum = (0..<images).reduce(0.0) { sum, image in
      let row = logits[image * classes..<(image + 1) * classes]
      let normalizer = log(row.reduce(0) { $0 + exp($1) })
      return zip(row, targets.values[image * classes..<(image + 1) * classes])
        .reduce(sum) { $0 + Double($1.1) * (normalizer - $1.0) }
    }
    return sum / Double(images)
  }

  @Test func noImagesHaveNoTargets() {
    var nothing = Block([])
    var random = KeyedRandom(key: "empty")
    let mixes = [
      BatchMix.mixup(images: 0, alpha: 1, random: &random),
      BatchMix.cutmix(images: 0, height: 8, width: 8, alpha: 1, random: &random),
    ]
    nothing.lend { nothing in
      writeTargets(labels: [], classes: 10, smoothing: 0.1, to: nothing)
      for mix in mixes {
        mix.mix(targets: nothing, work: work)
        mix.mix(images: nothing, height: 8, width: 8, work: work)
      }
    }
    #expect(nothing.values.isEmpty)
  }

  @Test(arguments: [1, 2, 7, 64]) func mixupTakesWeightedMeansOfPartners(images: Int) {
    // More than a strip of each image, and not a multiple of one.
    let (height, width) = (61, 67)
    var random = KeyedRandom(key: "mixup of \(images)")
    let mix = BatchMix.mixup(images: images, alpha: 0.4, random: &random)
    #expect(mix.partners.sorted() == Array(0..<UInt32(images)))
    let length = 3 * height * width
    let before = drawn("images", images * length)
    var block = Block(before)
    block.lend { mix.mix(images: $0, height: height, width: width, work: work) }
    let share = mix.ownShare
    let expected = before.indices.map { index in
      let partner = Int(mix.partners[index / length]) * length + index % length
      return share * before[index] + (1 - share) * before[partner]
    }
    #expect(block.values == expected)
  }

  @Test func cutmixPastesABoxAndCountsItsRealArea() {
    let (images, height, width) = (5, 24, 32)
    var boxes: Set<String> = []
    for draw in 0..<200 {
      var random = KeyedRandom(key: "cutmix \(draw)")
      let mix = BatchMix.cutmix(
        images: images, height: height, width: width, alpha: 1, random: &random)
      guard case .paste(let box) = mix.kind else {
        Issue.record("cutmix pastes")
        return
      }
      boxes.insert("\(box)")
      let before = drawn("images", images * 3 * height * width)
      var block = Block(before)
      block.lend { mix.mix(images: $0, height: height, width: width, work: work) }
      var own = 0
      for (index, value) in block.values.enumerated() {
        let (row, column) = (index / width % height, index % width)
        let isInside = box.rows.contains(row) && box.columns.contains(column)
        let image = index / (3 * height * width)
        let source = isInside ? Int(mix.partners[image]) : image
        guard value == before[index + (source - image) * 3 * height * width] else {
          Issue.record("draw \(draw), pixel \(index)")
          return
        }
        if !isInside && image == 0 && index < height * width { own += 1 }
      }
      #expect(mix.ownShare == Float(Double(own) / Double(height * width)))
    }
    #expect(boxes.count > 150)
  }

  @Test func cutmixBoxesHaveTheSizeThatTheShareLeaves() {
    // Every box is centred on a pixel, so its sides are even and cut off at the edges only.
    var full = 0
    for draw in 0..<500 {
      var random = KeyedRandom(key: "box \(draw)")
      var same = random
      let mix = BatchMix.cutmix(images: 2, height: 40, width: 40, alpha: 1, random: &random)
      let side = Int(40 * (1 - same.nextBeta(alpha: 1)).squareRoot()) / 2 * 2
      guard case .paste(let box) = mix.kind else { continue }
      #expect(box.rows.count <= side && box.columns.count <= side)
      #expect(box.rows.lowerBound >= 0 && box.rows.upperBound <= 40)
      if box.rows.lowerBound > 0 && box.rows.upperBound < 40 {
        #expect(box.rows.count == side)
        full += 1
      }
    }
    #expect(full > 100)
  }

  @Test func mixedTargetsAreMixedLikeTheirImages() {
    var random = KeyedRandom(key: "targets")
    let mix = BatchMix.cutmix(images: 3, height: 16, width: 16, alpha: 1, random: &random)
    var targets = Block(Array(repeating: 0, count: 12))
    targets.lend { writeTargets(labels: [0, 1, 3], classes: 4, smoothing: 0.2, to: $0) }
    let before = targets.values
    targets.lend { mix.mix(targets: $0, work: work) }
    for image in 0..<3 {
      let row = targets.values[image * 4..<image * 4 + 4]
      #expect(abs(row.reduce(0, +) - 1) < 1e-6)
      for (index, value) in zip(0..., row) {
        let own = before[image * 4 + index]
        let other = before[Int(mix.partners[image]) * 4 + index]
        let expected: Float = mix.ownShare * own + (1 - mix.ownShare) * other
        #expect(value == expected)
      }
    }
  }
}
