import DLATensor

/// How the operations are drawn that an image undergoes between crop and normalisation.
public enum AugmentationPolicy: Sendable, Equatable {
  /// A few of fourteen operations, as PaddleClas's `RandAugment`.
  case randAugment(RandAugment)
  /// A few of fifteen operations, each with a probability of one half, as timm's `rand` policies.
  case timm(TimmRandAugment)
  /// One of the 25 pairs of operations that were searched for ImageNet (arXiv:1805.09501), as
  /// PaddleClas's `AutoAugment`.
  case autoAugment

  func check() throws(AugmentationError) {
    switch self {
    case .randAugment(let policy): try policy.check()
    case .timm(let policy): try policy.check()
    case .autoAugment: break
    }
  }

  package func changes(random: inout KeyedRandom) -> [ImageTransform] {
    switch self {
    case .randAugment(let policy): policy.changes(random: &random)
    case .timm(let policy): policy.changes(random: &random)
    case .autoAugment: AutoAugment.changes(random: &random)
    }
  }
}
