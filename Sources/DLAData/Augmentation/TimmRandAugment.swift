import DLATensor
import DLAText

/// A few operations for each image, drawn from fifteen, each of them followed with a probability of one
/// half, as timm's policies such as `rand-m9-mstd0.5-inc1` and PaddleClas's `TimmAutoAugment` have it.
///
/// Sources: timm's `auto_augment.py` and PaddleClas's `ppcls/data/preprocess/ops/timm_autoaugment.py`.
public struct TimmRandAugment: Sendable, Equatable {
  /// The number of operations drawn for an image; one may occur twice.
  public var operations: Int
  /// The magnitude of the operations; they take 0 to 10, and what lies outside counts as the nearest.
  public var magnitude: Double
  /// The standard deviation of each operation's magnitude.
  public var deviation: Double
  /// True if all operations grow stronger with the magnitude, and colours change in both directions.
  public var isIncreasing: Bool
  /// The share of images that undergo operations at all.
  public var probability: Double
  /// The interpolations of shears, translations and rotations, of which each gets one.
  public var filters: [ImageFilter]
  /// Red, green and blue where a displaced image has no pixels.
  public var fill: SIMD3<UInt8>

  /// Describes the operations; the defaults are timm's, whose own interpolation is that of the crop.
  ///
  /// - Parameters:
  ///   - operations: how many operations are drawn for an image.
  ///   - magnitude: how strong they are.
  ///   - deviation: the standard deviation of each operation's magnitude.
  ///   - isIncreasing: whether all operations grow stronger with the magnitude.
  public init(
    operations: Int = 2, magnitude: Double = 10, deviation: Double = 0, isIncreasing: Bool = false
  ) {
    (self.operations, self.magnitude, self.deviation) = (operations, magnitude, deviation)
    self.isIncreasing = isIncreasing
    (probability, filters, fill) = (1, ImageFilter.allCases, [124, 116, 104])
  }

  /// Reads a policy's name: `rand`, then sections such as `m9` (magnitude), `n2` (operations),
  /// `mstd0.5` (standard deviation) and `inc1`, in any order and separated by dashes.
  ///
  /// - Throws: ``AugmentationError`` if the name is another.
  public init(policy: String) throws(AugmentationError) {
    self.init()
    let sections = policy.split(separator: "-", omittingEmptySubsequences: false)
    func unknown(_ found: Substring) -> AugmentationError {
      AugmentationError(
        message:
          "the policy \(printable(policy)) contains \"\(printable(String(found)))\"; rand and "
          + "sections m, n, mstd and inc with a number are expected, for instance "
          + "rand-m9-mstd0.5-inc1")
    }
    guard sections.first == "rand" else { throw unknown(sections.first ?? "") }
    for section in sections.dropFirst() {
      let key = section.prefix { !$0.isNumber }
      guard let number = Double(section.dropFirst(key.count)), number.isFinite else {
        throw unknown(section)
      }
      switch key {
      case "m": magnitude = number
      case "n":
        guard let whole = Int(exactly: number) else { throw unknown(section) }
        operations = whole
      case "mstd": deviation = number
      case "inc": isIncreasing = number != 0
      default: throw unknown(section)
      }
    }
    try check()
  }

  /// The levels of a mean from 0 to 1, as timm and PaddleClas fill by.
  public static func fill(mean: [Double]) -> SIMD3<UInt8> {
    SIMD3(mean.map { UInt8(min(max((255 * $0).rounded(.toNearestOrEven), 0), 255)) })
  }

  func check() throws(AugmentationError) {
    try checkNumber("the policy's number of operations", Double(operations), within: 0...100)
    try checkNumber("the policy's magnitude", magnitude, within: 0...100)
    try checkNumber("the policy's deviation of magnitudes", deviation, within: 0...100)
    try checkNumber("the policy's share of images", probability, within: 0...1)
    guard !filters.isEmpty else {
      throw AugmentationError(message: "the policy has no interpolation; give one or more")
    }
  }

  package func changes(random: inout KeyedRandom) -> [ImageTransform] {
    guard probability >= 1 || random.nextFraction() < probability else { return [] }
    return (0..<operations).compactMap { _ in
      let operation = Operation.allCases[random.nextIndex(below: Operation.allCases.count)]
      guard random.nextFraction() < 0.5 else { return nil }
      let spread = deviation > 0 ? deviation * random.nextNormal() : 0
      let sign = random.nextIndex(below: 2) == 0 ? -1.0 : 1.0
      let filter = random.nextElement(of: filters) ?? .bilinear
      return change(
        operation, magnitude: min(max(magnitude + spread, 0), 10), sign: sign, filter: filter)
    }
  }
}

extension TimmRandAugment {
  /// The operations under their names in timm, without its ends `Increasing` and `Rel`.
  package enum Operation: String, CaseIterable, Sendable {
    case autoContrast, equalize, invert, rotate, posterize, solarize, solarizeAdd
    case color, contrast, brightness, sharpness, shearX, shearY, translateX, translateY
  }

  /// The change that an operation is at a magnitude of 0 to 10; `sign` is 1 or -1 and gives the
  /// direction.
  package func change(
    _ operation: Operation, magnitude: Double, sign: Double, filter: ImageFilter
  ) -> ImageTransform {
    let level = magnitude / 10
    let colour = isIncreasing ? 1 + level * 0.9 * sign : level * 1.8 + 0.1
    func displaced(_ displacement: Displacement) -> ImageTransform {
      .displaced(displacement, filter, fill: fill)
    }
    return switch operation {
    case .autoContrast: .autocontrast
    case .equalize: .equalize
    case .invert: .invert
    case .rotate: displaced(.rotation(degrees: level * 30 * sign))
    case .posterize: .posterize(bits: isIncreasing ? 4 - Int(level * 4) : Int(level * 4))
    case .solarize:
      .solarize(threshold: Double(isIncreasing ? 256 - Int(level * 256) : Int(level * 256)))
    case .solarizeAdd: .solarizeAdd(Int(level * 110))
    case .color: .saturation(colour)
    case .contrast: .contrast(colour)
    case .brightness: .brightness(colour)
    case .sharpness: .sharpness(colour)
    case .shearX: displaced(.shearX(level * 0.3 * sign))
    case .shearY: displaced(.shearY(level * 0.3 * sign))
    case .translateX: displaced(.translation(x: level * 0.45 * sign, y: 0))
    case .translateY: displaced(.translation(x: 0, y: level * 0.45 * sign))
    }
  }
}
