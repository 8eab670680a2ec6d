import DLATensor

/// Mixup or cutmix of a batch: each image is mixed with a partner of the same batch.
package struct BatchMix: Sendable, Equatable {
  /// Rows and columns of an image.
  package struct Box: Sendable, Equatable {
    /// From the upper edge.
    package let rows: Range<Int>
    /// From the left edge.
    package let columns: Range<Int>
  }

  package enum Kind: Sendable, Equatable {
    /// All become weighted means (mixup, arXiv:1710.09412).
    case blend
    /// Those of a box become the partner's (cutmix, arXiv:1905.04899).
    case paste(Box)
  }

  package let kind: Kind
  /// The partner of each image.
  package let partners: [UInt32]
  /// The image's own share λ in its target; the partner has the rest.
  package let ownShare: Float

  /// Draws a mixup: λ of the beta distribution, partners in random order.
  package static func mixup(images: Int, alpha: Double, random: inout KeyedRandom) -> BatchMix {
    let share = random.nextBeta(alpha: alpha)
    return BatchMix(kind: .blend, partners: random.nextOrder(of: images), ownShare: Float(share))
  }

  /// Draws a cutmix: a box of 1 − λ of the area around a random pixel, cut off at the edges.
  ///
  /// Sizes are in pixels. `alpha` is both parameters of the beta distribution.
  ///
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

extension BatchMix {
  /// Mixes a batch, [N, channels, height, width], in place.
  ///
  /// - Precondition: the mix is of N images of this size.
  package func mix(
    images: UnsafeMutableBufferPointer<Float>, height: Int, width: Int, work: BlockWork
  ) {
    switch kind {
    case .blend: blend(images, work)
    case .paste(let box): paste(box, images, height: height, width: width)
    }
  }

  /// Mixes the targets of a batch, [N, K], in place.
  package func mix(targets: UnsafeMutableBufferPointer<Float>, work: BlockWork) {
    blend(targets, work)
  }

  /// Each row of [N, …] becomes λ of itself and 1 − λ of its partner's.
  private func blend(_ rows: UnsafeMutableBufferPointer<Float>, _ work: BlockWork) {
    guard !partners.isEmpty else { return }
    let length = rows.count / partners.count
    precondition(length * partners.count == rows.count, "the batch has not the mix's images")
    work.forEachPiece(of: strips(of: length)) { _, strip in
      withCopy(of: strip, length, rows) { copy in
        for (row, partner) in partners.enumerated() {
          let partner = copy + Int(partner) * strip.count
          let start = row * length + strip.lowerBound
          for index in 0..<strip.count {
            rows[start + index] = ownShare * rows[start + index] + (1 - ownShare) * partner[index]
          }
        }
      }
    }
  }

  private func paste(
    _ box: Box, _ images: UnsafeMutableBufferPointer<Float>, height: Int, width: Int
  ) {
    guard !partners.isEmpty, !box.columns.isEmpty else { return }
    let length = images.count / partners.count
    let channelSize = height * width
    precondition(
      length * partners.count == images.count && length % channelSize == 0,
      "the batch has not the mix's images, or another size")
    for channel in 0..<length / channelSize {
      for row in box.rows {
        let start = channel * channelSize + row * width
        let strip = start + box.columns.lowerBound..<start + box.columns.upperBound
        withCopy(of: strip, length, images) { copy in
          for (image, partner) in partners.enumerated() {
            let partner = copy + Int(partner) * strip.count
            for index in 0..<strip.count {
              images[image * length + strip.lowerBound + index] = partner[index]
            }
          }
        }
      }
    }
  }

  /// Some numbers of every row, copied aside while the rows change.
  private func withCopy(
    of strip: Range<Int>, _ length: Int, _ rows: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafePointer<Float>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: partners.count * strip.count) { copy in
      for row in partners.indices {
        for index in 0..<strip.count {
          copy.initializeElement(
            at: row * strip.count + index, to: rows[row * length + strip.lowerBound + index])
        }
      }
      if let base = copy.baseAddress { body(UnsafePointer(base)) }
    }
  }

  /// Strips that are short enough for a copy of all rows of them to stay in a core's cache.
  private func strips(of length: Int) -> [Range<Int>] {
    let most = max(BlockWork.pieceLength / partners.count, 16)
    return stride(from: 0, to: length, by: most).map { $0..<min($0 + most, length) }
  }
}

/// Writes the targets of a batch: the probability of every class for each image.
///
/// With smoothing ε and K classes, the labelled class has 1 − ε + ε / K and each other ε / K
/// (Szegedy et al., arXiv:1512.00567), as in PyTorch and PaddleClas. Labels are below K. All of the
/// targets, [N, K], are written.
///
/// - Precondition: labels are classes, and there is room for exactly all of them.
package func writeTargets(
  labels: [Int], classes: Int, smoothing: Double = 0,
  to targets: UnsafeMutableBufferPointer<Float>
) {
  precondition(targets.count == labels.count * classes, "targets are not [N, K]")
  precondition((0...1).contains(smoothing), "the smoothing \(smoothing) is not from 0 to 1")
  let share = smoothing / Double(max(classes, 1))
  targets.update(repeating: Float(share))
  for (image, label) in labels.enumerated() {
    precondition((0..<classes).contains(label), "label \(label) is none of \(classes) classes")
    targets[image * classes + label] = Float(1 - smoothing + share)
  }
}
