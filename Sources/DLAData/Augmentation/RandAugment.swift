import DLATensor

/// A few operations for each image, drawn from fourteen, all of the same magnitude
/// (arXiv:1909.13719).
///
/// Operations and magnitudes are those of PaddleClas's `RandAugment`
/// (`ppcls/data/preprocess/ops/randaugment.py`). Two of them grow weaker with the magnitude, as
/// there: posterize keeps more bits and solarize inverts fewer levels; and rotation is
/// counter-clockwise only.
public struct RandAugment: Sendable, Equatable {
  /// The number of operations for an image; one may occur twice.
  public var operations: Int
  /// The magnitude of the operations, 0 to 10.
  public var magnitude: Double
  /// The standard deviation of each operation's magnitude, which is then kept to 0 to 10; timm's
  /// `mstd`.
  public var deviation: Double

  /// Describes the operations; the defaults are PaddleClas's.
  ///
  /// - Parameters:
  ///   - operations: how many operations an image undergoes.
  ///   - magnitude: how strong they are, 0 to 10.
  ///   - deviation: the standard deviation of each operation's magnitude.
  public init(operations: Int = 2, magnitude: Double = 5, deviation: Double = 0) {
    (self.operations, self.magnitude, self.deviation) = (operations, magnitude, deviation)
  }

  func check() throws(AugmentationError) {
    try checkNumber("RandAugment's number of operations", Double(operations), within: 0...100)
    try checkNumber("RandAugment's magnitude", magnitude, within: 0...10)
    try checkNumber("RandAugment's deviation of magnitudes", deviation, within: 0...10)
  }

  package func changes(random: inout KeyedRandom) -> [ImageTransform] {
    let all = Operation.allCases
    return (0..<operations).map { _ in
      let operation = all[random.nextIndex(below: all.count)]
      let spread = deviation > 0 ? deviation * random.nextNormal() : 0
      let sign = random.nextIndex(below: 2) == 0 ? -1.0 : 1.0
      return operation.change(magnitude: min(max(magnitude + spread, 0), 10), sign: sign)
    }
  }
}

extension RandAugment {
  /// The operations under their names in PaddleClas.
  package enum Operation: String, CaseIterable, Sendable {
    case shearX, shearY, translateX, translateY, rotate, color, posterize, solarize
    case contrast, sharpness, brightness, autocontrast, equalize, invert

    /// The change that an operation is at a magnitude of 0 to 10; `sign` is 1 or -1 and gives the
    /// direction.
    package func change(magnitude: Double, sign: Double) -> ImageTransform {
      let level = magnitude / 10
      return switch self {
      case .shearX: .shearX(0.3 * level * sign)
      case .shearY: .shearY(0.3 * level * sign)
      case .translateX: .translateX(150.0 / 331 * level * sign)
      case .translateY: .translateY(150.0 / 331 * level * sign)
      case .rotate: .rotate(degrees: 30 * level)
      case .color: .saturation(1 + 0.9 * level * sign)
      case .posterize: .posterize(bits: Int(4 * level))
      case .solarize: .solarize(threshold: 256 * level)
      case .contrast: .contrast(1 + 0.9 * level * sign)
      case .sharpness: .sharpness(1 + 0.9 * level * sign)
      case .brightness: .brightness(1 + 0.9 * level * sign)
      case .autocontrast: .autocontrast
      case .equalize: .equalize
      case .invert: .invert
      }
    }
  }
}
