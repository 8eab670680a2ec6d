import DLATensor

extension Preprocessor {
  /// A random square of the image, resized as for evaluation, with black around it.
  ///
  /// As torchvision's `RandomCrop(crop, padding: border, pad_if_needed: true)` after `Resize`.
  /// `border` is in pixels.
  ///
  /// - Returns: an image of `preset.crop` × `preset.crop`.
  func paddedCrop(_ image: RGBImage, border: Int, random: inout KeyedRandom) -> RGBImage {
    let crop = preset.crop
    let size = preset.resizedSize(width: image.width, height: image.height)
    // The start of the square from the image's own edge; negative within the border.
    func start(_ length: Int) -> Int {
      let border = max(border, (crop - length + 1) / 2)
      return random.nextIndex(below: length + 2 * border - crop + 1) - border
    }
    let top = start(size.height)
    let left = start(size.width)
    // Empty where the square lies in a border wider than itself.
    func covered(_ start: Int, _ length: Int) -> Range<Int> {
      max(start, 0)..<max(start, 0, min(start + crop, length))
    }
    let rows = covered(top, size.height)
    let columns = covered(left, size.width)
    guard !rows.isEmpty, !columns.isEmpty else {
      return RGBImage(width: crop, height: crop) { $0.update(repeating: 0, count: crop * crop * 3) }
    }
    let inner = resized(image, Window(resized: size, columns: columns, rows: rows))
    guard inner.width < crop || inner.height < crop else { return inner }
    return RGBImage(width: crop, height: crop) { target in
      target.update(repeating: 0, count: crop * crop * 3)
      inner.pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        for row in 0..<inner.height {
          let place = ((rows.lowerBound - top + row) * crop + columns.lowerBound - left) * 3
          (target + place).update(from: base + row * inner.width * 3, count: inner.width * 3)
        }
      }
    }
  }
}

extension RGBImage {
  package var mirrored: RGBImage { oriented(.mirrored) }
}
