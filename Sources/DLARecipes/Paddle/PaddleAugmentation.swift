/// How PaddleClas's operators change samples at random, with the numbers of the file.
///
/// Flips are not among them: they are in the recipe's `augmentation`. Every number is in its range.
public struct PaddleAugmentation: Sendable, Equatable {
  /// One operator and where it was written.
  public struct Step: Sendable, Equatable {
    /// What is done.
    public let operation: Operation
    /// How a message about it begins, for instance `DLA34.yaml, line 66`.
    public let place: String
  }

  /// What an operator does.
  public enum Operation: Sendable, Equatable {
    /// `RandCropImage`.
    case resizedCrop(ResizedCrop)
    /// `ColorJitter`.
    case colorJitter(ColorJitter)
    /// `RandAugment`.
    case randAugment(RandAugment)
    /// `TimmAutoAugment`.
    case timmAutoAugment(TimmAutoAugment)
    /// `RandomErasing`.
    case erasing(Erasing)
  }

  /// A part of random area and aspect, resized to a square.
  public struct ResizedCrop: Sendable, Equatable {
    /// The side of the square, in pixels.
    public let side: Int
    /// Bounds of the part's share of the picture's area.
    public let scale: ClosedRange<Double>
    /// Bounds of width over height.
    public let ratio: ClosedRange<Double>
    /// Whether the logarithm of the ratio is drawn evenly, instead of the ratio.
    public let drawsLogarithm: Bool
    /// How it is resized, `bilinear` if the file does not say.
    public let interpolation: String
    /// Whose resizing: `cv2` or `pil`.
    public let backend: String
  }

  /// Changes of colour; a number v stands for factors from 1 − v to 1 + v, of hue for turns from −v
  /// to v.
  public struct ColorJitter: Sendable, Equatable {
    /// How far brightness changes.
    public let brightness: Double
    /// How far contrast changes.
    public let contrast: Double
    /// How far saturation changes.
    public let saturation: Double
    /// How far hue turns, at most ½.
    public let hue: Double
    /// The share of pictures that are changed.
    public let probability: Double
  }

  /// PaddleClas's RandAugment (arXiv:1909.13719).
  public struct RandAugment: Sendable, Equatable {
    /// Changes one after another.
    public let layers: Int
    /// Their strength, of 10.
    public let magnitude: Double
  }

  /// timm's policies as PaddleClas has them.
  public struct TimmAutoAugment: Sendable, Equatable {
    /// The policy, for instance `rand-m9-mstd0.5-inc1`.
    public let policy: String
    /// How pictures are turned and sheared, `bicubic` if the file does not say.
    public let interpolation: String
    /// The side that translations are a share of, in pixels.
    public let side: Int
    /// The share of pictures that are changed.
    public let probability: Double
  }

  /// A box that is written over after normalising (arXiv:1708.04896).
  public struct Erasing: Sendable, Equatable {
    /// What is written.
    public enum Fill: String, Sendable, CaseIterable {
      /// One colour.
      case const
      /// One random colour.
      case rand
      /// Noise.
      case pixel
    }

    /// The share of pictures that are changed.
    public let probability: Double
    /// Bounds of the box's share of the area.
    public let area: ClosedRange<Double>
    /// The least ratio of height to width; the greatest is its inverse.
    public let leastRatio: Double
    /// Whether the logarithm of the ratio is drawn evenly, instead of the ratio.
    public let drawsLogarithm: Bool
    /// How often a box is drawn until one fits.
    public let attempts: Int
    /// What is written.
    public let fill: Fill
    /// The colour of `const`, after normalising.
    public let mean: [Double]
  }

  /// The operators in the order of the file.
  public var steps: [Step] = []
}
