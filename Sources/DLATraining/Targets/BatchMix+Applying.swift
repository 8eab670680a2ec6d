extension BatchMix {
  /// Mixes a batch in place.
  ///
  /// - Parameters:
  ///   - images: [N, channels, height, width].
  ///   - height: of an image, in pixels.
  ///   - width: of an image, in pixels.
  ///   - work: who does it.
  /// - Precondition: the mix is of N images of this size.
  package func mix(
    images: UnsafeMutableBufferPointer<Float>, height: Int, width: Int, work: BlockWork
  ) {
    switch kind {
    case .blend: blend(images, work)
    case .paste(let box): paste(box, images, height: height, width: width)
    }
  }

  /// Mixes the targets of a batch in place.
  ///
  /// - Parameters:
  ///   - targets: [N, K].
  ///   - work: who does it.
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
    let plane = height * width
    precondition(
      length * partners.count == images.count && length % plane == 0,
      "the batch has not the mix's images, or another size")
    for channel in 0..<length / plane {
      for row in box.rows {
        let start = channel * plane + row * width
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
