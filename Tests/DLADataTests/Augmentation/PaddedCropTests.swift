import DLAData
import DLATensor
import Testing

/// Crops of a padded image, and mirroring, by pixels that tell where they were.
struct PaddedCropTests {
  private static let side = 8
  private static let border = 3

  /// Every pixel holds its column and row, counted from 1.
  private static func picture(width: Int, height: Int) -> RGBImage {
    var pixels: [UInt8] = []
    for index in 0..<width * height {
      pixels += [UInt8(index % width + 1), UInt8(index / width + 1), 0]
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  private static func preprocessor(crop: Int) -> Preprocessor {
    Preprocessor(Preset(name: "test", convention: .pil, resizeShort: side, crop: crop))
  }

  /// Every place comes up, and every pixel is that of the image or black.
  @Test(arguments: [(8, 8, 8), (8, 8, 4), (8, 11, 8), (13, 8, 6)])
  func cropsAreWindowsOfThePaddedImage(width: Int, height: Int, crop: Int) throws {
    let image = Self.picture(width: width, height: height)
    let preprocessor = Self.preprocessor(crop: crop)
    let augmentation = Augmentation(crop: .padded(Self.border), flip: 0)
    var places = Set<[Int]>()
    for key in 0..<3000 {
      var random = KeyedRandom(key: "padded/\(key)")
      let found = try preprocessor.pixels(image, augmentation, random: &random)
      #expect(found.width == crop && found.height == crop)
      // The window's position follows from any pixel that is not black.
      let lit = try #require((0..<crop * crop).first { found.pixels[3 * $0] > 0 })
      let left = Int(found.pixels[3 * lit]) - 1 - lit % crop
      let top = Int(found.pixels[3 * lit + 1]) - 1 - lit / crop
      places.insert([left, top])
      for pixel in 0..<crop * crop {
        let (x, y) = (left + pixel % crop, top + pixel / crop)
        let isInside = (0..<width).contains(x) && (0..<height).contains(y)
        let expected: [UInt8] = isInside ? [UInt8(x + 1), UInt8(y + 1), 0] : [0, 0, 0]
        guard Array(found.pixels[3 * pixel..<3 * pixel + 3]) == expected else {
          Issue.record("key \(key), pixel \(pixel)")
          return
        }
      }
    }
    let columns = width + 2 * Self.border - crop + 1
    let rows = height + 2 * Self.border - crop + 1
    #expect(places.count == columns * rows)
    #expect(places.allSatisfy { $0[0] >= -Self.border && $0[1] >= -Self.border })
  }

  /// A square that lies in the border alone is black; one that does not shows some of the image.
  @Test func aBorderMayBeWiderThanTheCrop() throws {
    let image = Self.picture(width: 8, height: 8)
    let augmentation = Augmentation(crop: .padded(40), flip: 0)
    let isLit = try (0..<300).map { key in
      var random = KeyedRandom(key: "wide/\(key)")
      let found = try Self.preprocessor(crop: 8).pixels(image, augmentation, random: &random)
      #expect(found.width == 8 && found.height == 8)
      return found.pixels.contains { $0 > 0 }
    }
    #expect(isLit.contains(true) && isLit.contains(false))
  }

  @Test func mirroringExchangesLeftAndRight() throws {
    let image = Self.picture(width: 5, height: 3)
    let mirrored = image.mirrored
    for y in 0..<3 {
      for x in 0..<5 {
        let pixel = mirrored.pixels[3 * (y * 5 + x)..<3 * (y * 5 + x) + 3]
        #expect(Array(pixel) == [UInt8(5 - x), UInt8(y + 1), 0])
      }
    }
  }

  /// Half of the images, or as many as are asked for.
  @Test(arguments: [0, 0.25, 0.5, 1])
  func asManyAreMirroredAsAreAskedFor(share: Double) throws {
    let image = Self.picture(width: 8, height: 8)
    let preprocessor = Self.preprocessor(crop: 8)
    let count = 4000
    let mirrored = try (0..<count).count { key in
      var random = KeyedRandom(key: "flip/\(key)")
      let found = try preprocessor.pixels(
        image, Augmentation(crop: .centre, flip: share), random: &random)
      return found.pixels[0] == 8
    }
    // Five standard deviations.
    let spread = 5 * (share * (1 - share) * Double(count)).squareRoot()
    #expect(abs(Double(mirrored) - share * Double(count)) <= spread)
  }
}
