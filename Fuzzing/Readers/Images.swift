import DLAData

/// Decodes and preprocesses an image with both presets.
func readImage(_ bytes: UnsafeRawBufferPointer) {
  let bytes = Array(bytes)
  for preprocessor in preprocessors {
    do throws(ImageError) {
      let image = try preprocessor.image(decoding: bytes, name: "x")
      precondition(image.pixels.count == 3 * image.width * image.height, "pixels are missing")
      let crop = preprocessor.preset.crop
      let input = try preprocessor.input(image)
      precondition(input.shape == [3, crop, crop], "the input has shape \(input.shape)")
      precondition(input.elements.allSatisfy(\.isFinite), "the input is not finite")
    } catch {
      requireOneLine(error.message)
    }
  }
}

private let preprocessors = [Preprocessor(.timm), Preprocessor(.paddle)]
