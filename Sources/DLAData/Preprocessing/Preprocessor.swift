import DLATensor

/// Converts images to a network's input as a preset describes.
///
/// A value without shared state: one may be used from many threads at once.
public struct Preprocessor: Sendable {
  /// The largest `resizeShort` and `crop`, in pixels.
  public static let maxSide = 16_384

  /// The preset that is followed.
  public let preset: Preset
  /// The planes of an input: 3, red, green and blue, or 1, gray.
  public let channels: Int
  /// The normalised value of each of the 256 levels of red, then green, then blue.
  private let levels: [Float]

  /// Prepares to follow `preset`.
  ///
  /// Gray is PIL's `L`, ITU-R 601, taken before resizing, as timm does for models of one input channel;
  /// mean and standard deviation are then the means of the preset's three.
  ///
  /// - Parameters:
  ///   - preset: what to do.
  ///   - channels: the planes of an input: 3, or 1 for gray.
  /// - Precondition: `resizeShort` and `crop` are 1 to `maxSide`; no standard deviation is 0; `channels` is
  ///   1 or 3.
  public init(_ preset: Preset, channels: Int = 3) {
    for side in [preset.resizeShort, preset.crop] {
      precondition(
        (1...Self.maxSide).contains(side),
        "a preset's resizeShort and crop are 1 to \(Self.maxSide), not \(side)")
    }
    precondition(
      (0..<3).allSatisfy { preset.standardDeviation[$0] != 0 },
      "a preset's standard deviations are not 0")
    precondition([1, 3].contains(channels), "an input has 1 or 3 channels, not \(channels)")
    (self.preset, self.channels) = (preset, channels)
    var normalization = preset
    if channels == 1 {
      normalization.mean = SIMD3(repeating: preset.mean.average)
      normalization.standardDeviation = SIMD3(repeating: preset.standardDeviation.average)
    }
    levels = (0..<channels).flatMap { channel in
      (0..<256).map { level in Self.normalized(Float(level), channel: channel, normalization) }
    }
  }

  /// One value in float32, in the order of operations of the preset's reference.
  ///
  /// torchvision's `ToTensor` divides by 255; PaddleClas's `NormalizeImage` multiplies by 1/255.
  private static func normalized(_ level: Float, channel: Int, _ preset: Preset) -> Float {
    let scaled =
      switch preset.convention {
      case .pil: level / 255
      case .opencv: level * Float(1.0 / 255.0)
      }
    return (scaled - preset.mean[channel]) / preset.standardDeviation[channel]
  }

  /// Reads an image from a file as the preset decodes.
  ///
  /// - Parameter path: where the file is.
  /// - Returns: the whole image, before resizing.
  /// - Throws: ``ImageError`` when the file cannot be read or is not a whole image.
  public func image(path: String) throws(ImageError) -> RGBImage {
    try RGBImage(
      path: path, convention: preset.decoder, appliesOrientation: preset.appliesOrientation)
  }

  /// Reads an image from bytes as the preset decodes.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what to call it in errors.
  /// - Returns: the whole image, before resizing.
  /// - Throws: ``ImageError`` when the bytes are not a whole image.
  public func image(decoding bytes: [UInt8], name: String) throws(ImageError) -> RGBImage {
    try RGBImage(
      decoding: bytes, name: name, convention: preset.decoder,
      appliesOrientation: preset.appliesOrientation)
  }

  /// Resizes and crops, equal byte for byte to the preset's reference.
  ///
  /// Only what the crop shows is computed, so a very long image costs no more than its crop.
  /// If the resized image is smaller than the crop, the PIL convention pads with black, as
  /// torchvision does; the OpenCV convention refuses, as PaddleClas does.
  ///
  /// - Parameter image: the whole image.
  /// - Returns: an image of `crop` × `crop`.
  /// - Throws: ``ImageError`` with code `smallerThanCrop`.
  public func pixels(_ image: RGBImage) throws(ImageError) -> RGBImage {
    let image = inColours(image)
    let crop = preset.crop
    let size = preset.resizedSize(width: image.width, height: image.height)
    guard size.width >= crop, size.height >= crop else {
      guard preset.convention == .pil else {
        throw ImageError(
          .smallerThanCrop,
          "an image of \(image.width)×\(image.height) becomes \(size.width)×\(size.height), "
            + "smaller than the crop of \(crop)×\(crop); choose a crop of at most the short side")
      }
      return padded(image, size)
    }
    let left = preset.cropStart(length: size.width)
    let top = preset.cropStart(length: size.height)
    return resized(
      image, Window(resized: size, columns: left..<(left + crop), rows: top..<(top + crop)))
  }

  /// The normalised input for one image, resized and cropped first.
  ///
  /// - Parameter image: the whole image.
  /// - Returns: [channels, H, W]: red, green, blue, or gray.
  /// - Throws: ``ImageError`` with code `smallerThanCrop`.
  public func input(_ image: RGBImage) throws(ImageError) -> Tensor {
    normalized(try pixels(image))
  }

  /// The normalised input for pixels that are cropped already.
  ///
  /// - Parameter pixels: the image, of any size.
  /// - Returns: [channels, H, W]: red, green, blue, or gray.
  public func normalized(_ pixels: RGBImage) -> Tensor {
    let count = channels * pixels.width * pixels.height
    let elements = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      normalize(pixels, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
    return Tensor(shape: [channels, pixels.height, pixels.width], elements: elements)
  }

  /// Scales to 0 to 1, subtracts the mean and divides by the standard deviation, in float32.
  ///
  /// Accuracy: equal to the bit to torchvision's `ToTensor` and `Normalize`, or PaddleClas's
  /// `NormalizeImage`.
  ///
  /// - Parameters:
  ///   - pixels: the image, of any size.
  ///   - target: receives channels×H×W: red, green, blue, or gray.
  /// - Precondition: `target` holds `channels`·H·W elements.
  public func normalize(_ pixels: RGBImage, into target: UnsafeMutableBufferPointer<Float>) {
    let count = pixels.width * pixels.height
    precondition(
      target.count == channels * count,
      "an image of \(pixels.width)×\(pixels.height) gives \(channels * count) values, there is room for "
        + "\(target.count)")
    levels.withUnsafeBufferPointer { levels in
      pixels.pixels.withUnsafeBufferPointer { pixels in
        for channel in 0..<channels {
          for i in 0..<count {
            target[channel * count + i] = levels[channel << 8 | Int(pixels[3 * i + channel])]
          }
        }
      }
    }
  }

  /// The image in the colours of the input: three equal channels for gray.
  func inColours(_ image: RGBImage) -> RGBImage { channels == 1 ? image.inGray : image }

  /// The crop with black around an image that is smaller on one side or both.
  private func padded(_ image: RGBImage, _ size: (width: Int, height: Int)) -> RGBImage {
    let crop = preset.crop
    // The offset of the image inside the crop, or else of the crop inside the image.
    func place(_ length: Int) -> (padding: Int, range: Range<Int>) {
      guard length >= crop else { return ((crop - length) / 2, 0..<length) }
      let start = preset.cropStart(length: length)
      return (0, start..<(start + crop))
    }
    let (left, columns) = place(size.width)
    let (top, rows) = place(size.height)
    let inner = resized(image, Window(resized: size, columns: columns, rows: rows))
    var pixels = [UInt8](repeating: 0, count: crop * crop * 3)
    for row in 0..<inner.height {
      let source = row * inner.width * 3
      let target = ((top + row) * crop + left) * 3
      pixels.replaceSubrange(
        target..<(target + inner.width * 3),
        with: inner.pixels[source..<(source + inner.width * 3)])
    }
    return RGBImage(width: crop, height: crop, pixels: pixels)
  }
}

extension SIMD3<Float> {
  /// The mean of the three; exactly their number if they are equal.
  package var average: Float {
    x == y && y == z ? x : Float((Double(x) + Double(y) + Double(z)) / 3)
  }
}
