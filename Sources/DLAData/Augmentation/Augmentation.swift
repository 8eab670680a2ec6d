import DLACore

/// How a picture is changed at random before a network learns from it.
public struct Augmentation: Sendable, Equatable {
  /// Which part of the picture is seen.
  public enum Crop: Sendable, Equatable {
    /// The one that is evaluated: nothing is random.
    case centre
    /// Any square of the picture resized as for evaluation, with so many black pixels around it.
    case padded(Int)
  }

  /// Which part of the picture is seen.
  public var crop: Crop
  /// The share of pictures that are mirrored left to right.
  public var flip: Double

  /// Describes how pictures are changed.
  ///
  /// - Parameters:
  ///   - crop: which part of the picture is seen.
  ///   - flip: the share of pictures that are mirrored left to right.
  public init(crop: Crop = .centre, flip: Double = 0.5) {
    self.crop = crop
    self.flip = flip
  }
}

extension Preprocessor {
  /// The crop of a picture, changed at random.
  ///
  /// - Parameters:
  ///   - image: the whole picture.
  ///   - augmentation: what is random, and how much.
  ///   - random: where it is drawn from.
  /// - Returns: a picture of `preset.crop` × `preset.crop`.
  /// - Throws: ``ImageError`` with code `smallerThanCrop`.
  package func pixels(
    _ image: Image, _ augmentation: Augmentation, random: inout KeyedRandom
  ) throws(ImageError) -> Image {
    let cropped: Image
    switch augmentation.crop {
    case .centre: cropped = try pixels(image)
    case .padded(let border): cropped = paddedCrop(image, border: border, random: &random)
    }
    return random.nextFraction() < augmentation.flip ? cropped.mirrored : cropped
  }
}
