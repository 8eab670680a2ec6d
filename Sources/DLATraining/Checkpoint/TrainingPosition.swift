/// The progress of a training: the state besides weights and optimizer that a resumed training needs.
///
/// There is no state of a random generator: every random number follows from the seed and its place.
package struct TrainingPosition: Sendable, Equatable {
  /// The best validation so far.
  package struct Best: Sendable, Equatable {
    /// Epochs done by then.
    package var epoch: Int
    /// The share of images whose most probable class was right.
    package var top1: Double
    /// The mean cross-entropy of the labels, in nats.
    package var loss: Double

    package init(epoch: Int, top1: Double, loss: Double) {
      (self.epoch, self.top1) = (epoch, top1)
      self.loss = loss.isNaN ? .infinity : loss
    }

    /// Compares two validations.
    ///
    /// - Returns: whether more images are right, or as many with a smaller loss.
    package func isBetter(than other: Best) -> Bool { (top1, -loss) > (other.top1, -other.loss) }
  }

  package var epoch = 0
  package var batch = 0
  package var samplesTaken = 0
  package var unreadable = 0
  /// The sum of the losses of the epoch's images, in nats.
  package var lossSum = 0.0
  /// Images of the epoch whose most probable class was the labelled one.
  package var correct = 0
  package var images = 0
  package var seconds = 0.0
  /// The best validation so far; nil before the first.
  package var best: Best?

  package init() {}

  package mutating func endEpoch() {
    let best = best
    let epoch = epoch + 1
    self = TrainingPosition()
    (self.epoch, self.best) = (epoch, best)
  }
}

extension TrainingPosition {
  /// The numbers as text that reads back to the same bits.
  var metadata: [String: String] {
    var metadata = [
      "epoch": "\(epoch)", "batch": "\(batch)", "samples_taken": "\(samplesTaken)",
      "unreadable": "\(unreadable)", "loss_sum": "\(lossSum)", "correct": "\(correct)",
      "images": "\(images)", "seconds": "\(seconds)",
    ]
    if let best {
      metadata["best_epoch"] = "\(best.epoch)"
      metadata["best_top1"] = "\(best.top1)"
      metadata["best_loss"] = "\(best.loss)"
    }
    return metadata
  }

  /// Reads the numbers back; nil if one is missing or invalid.
  init?(metadata: [String: String]) {
    func count(_ key: String) -> Int? { Self.count(key, in: metadata) }
    func number(_ key: String) -> Double? {
      metadata[key].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
    guard let epoch = count("epoch"), let batch = count("batch"),
      let samplesTaken = count("samples_taken"), let unreadable = count("unreadable"),
      let lossSum = number("loss_sum"), let correct = count("correct"),
      let images = count("images"), let seconds = number("seconds"), correct <= images,
      unreadable <= samplesTaken, images <= samplesTaken
    else { return nil }
    (self.epoch, self.batch, self.samplesTaken) = (epoch, batch, samplesTaken)
    (self.unreadable, self.lossSum, self.correct) = (unreadable, lossSum, correct)
    (self.images, self.seconds) = (images, seconds)
    guard metadata["best_epoch"] != nil else { return }
    guard let epoch = count("best_epoch"), let top1 = number("best_top1"),
      let loss = metadata["best_loss"].flatMap({ Double($0) })
    else { return nil }
    best = Best(epoch: epoch, top1: top1, loss: loss)
  }

  /// A count that nothing can overflow that is added to it; nil if there is none.
  package static func count(_ key: String, in metadata: [String: String]) -> Int? {
    metadata[key].flatMap { Int($0) }.flatMap { (0...1 << 48).contains($0) ? $0 : nil }
  }
}
