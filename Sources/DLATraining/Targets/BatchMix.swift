import DLATensor

/// How the images of a batch are mixed, each with a partner of the same batch.
package struct BatchMix: Sendable, Equatable {
  /// Rows and columns of an image.
  package struct Box: Sendable, Equatable {
    /// From the upper edge.
    package let rows: Range<Int>
    /// From the left edge.
    package let columns: Range<Int>
  }

  /// What happens to the pixels.
  package enum Kind: Sendable, Equatable {
    /// All become weighted means (mixup, arXiv:1710.09412).
    case blend
    /// Those of a box become the partner's (cutmix, arXiv:1905.04899).
    case paste(Box)
  }

  /// What happens to the pixels.
  package let kind: Kind
  /// The partner of each image.
  package let partners: [UInt32]
  /// The image's own share λ in its target; the partner has the rest.
  package let ownShare: Float

  /// Draws a mixup: λ of the beta distribution, partners in random order.
  ///
  /// - Parameters:
  ///   - images: images of the batch.
  ///   - alpha: both parameters of the beta distribution.
  ///   - random: where it is drawn from.
  /// - Returns: the mix.
  package static func mixup(images: Int, alpha: Double, random: inout KeyedRandom) -> BatchMix {
    let share = random.nextBeta(alpha: alpha)
    return BatchMix(
      kind: .blend, partners: random.nextOrder(of: images), ownShare: Float(share))
  }

  /// Draws a cutmix: a box of 1 − λ of the area around a random pixel, cut off at the edges.
  ///
  /// - Parameters:
  ///   - images: images of the batch.
  ///   - height: of an image, in pixels.
  ///   - width: of an image, in pixels.
  ///   - alpha: both parameters of the beta distribution.
  ///   - random: where it is drawn from.
  /// - Returns: the mix; its share is what the box really leaves.
  package static func cutmix(
    images: Int, height: Int, width: Int, alpha: Double, random: inout KeyedRandom
  ) -> BatchMix {
    let side = (1 - random.nextBeta(alpha: alpha)).squareRoot()
    func span(of length: Int) -> Range<Int> {
      let half = Int(Double(length) * side) / 2
      let middle = random.nextIndex(below: length)
      return max(middle - half, 0)..<min(middle + half, length)
    }
    let box = Box(rows: span(of: height), columns: span(of: width))
    let cut = Double(box.rows.count * box.columns.count) / Double(height * width)
    return BatchMix(
      kind: .paste(box), partners: random.nextOrder(of: images), ownShare: Float(1 - cut))
  }
}
