import DLATensor

/// Everything random in a training, all of it from one seed.
///
/// Each purpose has a stream of its own for every epoch and index, which follows from these alone.
/// So a resumed training needs no state of a generator, and threads may ask in any order.
package struct TrainingRandom: Sendable, Equatable {
  /// The purpose of random numbers; each has its own streams.
  package enum Purpose: String, Sendable, CaseIterable {
    /// Changing a sample: crop, flip, colours.
    case augment
    /// Zeroing features; the index is the batch, counted from the training's beginning.
    case dropout
    /// Erasing a part of a sample.
    case erase
    /// Weights before any training.
    case initialize
    /// Mixing the images of a batch; the index is the step of the epoch.
    case mix
    /// The order of the samples.
    case order
  }

  package let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// One stream of random numbers; `index` is the sample's in the epoch unless the purpose says so.
  ///
  /// - Returns: the stream with key `<purpose>/<seed>/<epoch>/<index>`.
  package func stream(_ purpose: Purpose, epoch: Int = 0, index: Int = 0) -> KeyedRandom {
    KeyedRandom(key: "\(purpose.rawValue)/\(seed)/\(epoch)/\(index)")
  }

  /// The stream of one tensor.
  ///
  /// - Returns: the stream with key `<purpose>/<seed>/<name>`.
  package func stream(_ purpose: Purpose, name: String) -> KeyedRandom {
    KeyedRandom(key: "\(purpose.rawValue)/\(seed)/\(name)")
  }

  /// The seed of the order of an epoch's samples.
  ///
  /// - Returns: a seed for `Dataset.shuffled(seed:)`.
  package func orderSeed(epoch: Int) -> UInt64 {
    var random = stream(.order, epoch: epoch)
    return random.next()
  }
}
