import DLAData

/// Decodes and prepares an image under both presets.
///
/// - Parameters:
///   - data: the bytes of the file.
///   - count: how many.
/// - Returns: 0, as libFuzzer demands.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImages(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  for preprocessor in preprocessors {
    do throws(ImageError) {
      let image = try preprocessor.image(decoding: bytes, name: "x")
      precondition(image.pixels.count == 3 * image.width * image.height, "pixels are missing")
      let crop = preprocessor.preset.crop
      let input = try preprocessor.input(image)
      precondition(input.shape == [3, crop, crop], "the input has shape \(input.shape)")
      precondition(input.elements.allSatisfy(\.isFinite), "the input is not finite")
    } catch {
      precondition(error.message.utf8.count < 10_000, "the message is long")
      precondition(
        error.message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
        "the message has control characters")
    }
  }
  return 0
}

private let preprocessors = [Preprocessor(.timm), Preprocessor(.paddle)]
