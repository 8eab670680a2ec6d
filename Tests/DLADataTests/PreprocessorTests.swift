import DLAData
import DLATensor
import Testing

func noise(_ width: Int, _ height: Int) -> RGBImage {
  var random = KeyedRandom(key: "noise/\(width)x\(height)")
  return RGBImage(
    width: width, height: height,
    pixels: (0..<(width * height * 3)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
}

@Suite struct PreprocessorTests {
  @Test(arguments: Preset.all) func aCropIsPartOfTheLargerCrop(_ base: Preset) throws {
    for (width, height) in [(50, 37), (37, 50), (20, 90), (90, 20), (64, 64), (9, 7)] {
      let image = noise(width, height)
      let whole = try Preprocessor(base.with(short: 48, crop: 48)).pixels(image)
      let part = try Preprocessor(base.with(short: 48, crop: 16)).pixels(image)
      for row in 0..<16 {
        let start = ((row + 16) * 48 + 16) * 3
        #expect(
          Array(part.pixels[(row * 48)..<(row * 48 + 48)])
            == Array(whole.pixels[start..<(start + 48)]), "\(width)×\(height), row \(row)")
      }
    }
  }

  @Test(arguments: Preset.all) func veryLongImagesCostNoMoreThanTheirCrop(_ base: Preset) throws {
    for (width, height) in [(1, 60_000), (60_000, 1), (60_000, 3), (2, 60_000)] {
      let pixels = try Preprocessor(base).pixels(noise(width, height))
      #expect(pixels.width == 224 && pixels.height == 224)
    }
  }

  @Test(arguments: Preset.all) func aImageOfOneColourKeepsIt(_ base: Preset) throws {
    for (width, height) in [(1, 1), (1, 9), (300, 200), (257, 1_000)] {
      let color: [UInt8] = [255, 0, 77]
      let image = RGBImage(
        width: width, height: height,
        pixels: (0..<(width * height)).flatMap { _ in color })
      let pixels = try Preprocessor(base.with(short: 21, crop: 20)).pixels(image).pixels
      #expect(pixels == (0..<400).flatMap { _ in color })
    }
  }

  @Test func timmPadsWithBlackWhereTheCropIsLarger() throws {
    let image = RGBImage(width: 4, height: 3, pixels: Array(repeating: 9, count: 36))
    let pixels = try Preprocessor(Preset.timm.with(short: 3, crop: 6)).pixels(image)
    let rows: [[UInt8]] = (0..<6).map { row in
      (0..<6).map { column -> UInt8 in pixels.pixels[(row * 6 + column) * 3] }
    }
    let inside: [UInt8] = [0, 9, 9, 9, 9, 0]
    let outside = [UInt8](repeating: 0, count: 6)
    #expect(rows == [outside, inside, inside, inside, outside, outside])
  }

  @Test func paddleRefusesACropThatIsLarger() {
    let error = #expect(throws: ImageError.self) {
      try Preprocessor(Preset.paddle.with(short: 30, crop: 32)).pixels(noise(40, 40))
    }
    #expect(error?.code == .smallerThanCrop)
  }

  @Test func normalisingFollowsTheFloat32OperationsOfEachReference() throws {
    let pixels = RGBImage(width: 2, height: 1, pixels: [0, 128, 255, 7, 8, 9])
    for base in Preset.all {
      var values = [Float](repeating: .nan, count: 6)
      values.withUnsafeMutableBufferPointer { Preprocessor(base).normalize(pixels, into: $0) }
      let levels: [Float] = [0, 7, 128, 8, 255, 9]
      let expected = levels.enumerated().map { index, level in
        let scaled: Float = base.convention == .pil ? level / 255 : level * Float(1.0 / 255)
        return (scaled - base.mean[index / 2]) / base.standardDeviation[index / 2]
      }
      #expect(values == expected)
    }
  }

  @Test func theInputIsPlanesOfRedGreenAndBlue() throws {
    let input = try Preprocessor(.paddle).input(noise(30, 40))
    #expect(input.shape == [3, 224, 224])
    #expect(input.elements.allSatisfy { $0.isFinite })
  }

  @Test func presetsAreFoundByNameInAnyCase() {
    #expect(Preset.named("TIMM") == .timm)
    #expect(Preset.named("paddle") == .paddle)
    #expect(Preset.named("none") == nil)
    #expect(Preset.paddle.appliesOrientation && !Preset.timm.appliesOrientation)
  }
}
