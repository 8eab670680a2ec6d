import DLATensor

/// The 25 pairs of operations that were searched for ImageNet (arXiv:1805.09501, table 9), as
/// PaddleClas's `ImageNetPolicy` (`ppcls/data/preprocess/ops/autoaugment.py`) has them, with rotations
/// counter-clockwise only.
package enum AutoAugment {
  /// An operation, how often it is followed, and its magnitude, 0 to 9.
  package typealias Step = (operation: RandAugment.Operation, probability: Double, magnitude: Int)

  package static let pairs: [(Step, Step)] = [
    ((.posterize, 0.4, 8), (.rotate, 0.6, 9)), ((.solarize, 0.6, 5), (.autocontrast, 0.6, 5)),
    ((.equalize, 0.8, 8), (.equalize, 0.6, 3)), ((.posterize, 0.6, 7), (.posterize, 0.6, 6)),
    ((.equalize, 0.4, 7), (.solarize, 0.2, 4)), ((.equalize, 0.4, 4), (.rotate, 0.8, 8)),
    ((.solarize, 0.6, 3), (.equalize, 0.6, 7)), ((.posterize, 0.8, 5), (.equalize, 1.0, 2)),
    ((.rotate, 0.2, 3), (.solarize, 0.6, 8)), ((.equalize, 0.6, 8), (.posterize, 0.4, 6)),
    ((.rotate, 0.8, 8), (.color, 0.4, 0)), ((.rotate, 0.4, 9), (.equalize, 0.6, 2)),
    ((.equalize, 0.0, 7), (.equalize, 0.8, 8)), ((.invert, 0.6, 4), (.equalize, 1.0, 8)),
    ((.color, 0.6, 4), (.contrast, 1.0, 8)), ((.rotate, 0.8, 8), (.color, 1.0, 2)),
    ((.color, 0.8, 8), (.solarize, 0.8, 7)), ((.sharpness, 0.4, 7), (.invert, 0.6, 8)),
    ((.shearX, 0.6, 5), (.equalize, 1.0, 9)), ((.color, 0.4, 0), (.equalize, 0.6, 3)),
    ((.equalize, 0.4, 7), (.solarize, 0.2, 4)), ((.solarize, 0.6, 5), (.autocontrast, 0.6, 5)),
    ((.invert, 0.6, 4), (.equalize, 1.0, 8)), ((.color, 0.6, 4), (.contrast, 1.0, 8)),
    ((.equalize, 0.8, 8), (.equalize, 0.6, 3)),
  ]

  static func changes(random: inout KeyedRandom) -> [ImageTransform] {
    let pair = pairs[random.nextIndex(below: pairs.count)]
    return [pair.0, pair.1].compactMap { step in
      let isFollowed = random.nextFraction() < step.probability
      let sign = random.nextIndex(below: 2) == 0 ? -1.0 : 1.0
      return isFollowed ? change(step, sign: sign) : nil
    }
  }

  /// The change that a step is; `sign` is 1 or -1 and gives the direction.
  package static func change(_ step: Step, sign: Double) -> ImageTransform {
    let level = Double(step.magnitude) / 9
    return switch step.operation {
    // Here both grow stronger with the magnitude, other than in RandAugment.
    case .posterize: .posterize(bits: Int((8 - 4 * level).rounded(.toNearestOrEven)))
    case .solarize: .solarize(threshold: 256 - 256 * level)
    default: step.operation.change(magnitude: level * 10, sign: sign)
    }
  }
}
