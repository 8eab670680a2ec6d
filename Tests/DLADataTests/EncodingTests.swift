import DLAData
import Testing

struct EncodingTests {
  private static func image(_ width: Int, _ height: Int) -> RGBImage {
    RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 3 * 5 + $0 % 3 * 40) })
  }

  @Test(arguments: [(1, 1), (3, 2), (257, 31), (1000, 1)])
  func pngLosesNothing(width: Int, height: Int) throws {
    let image = Self.image(width, height)
    #expect(try RGBImage(decoding: image.png(), name: "png") == image)
  }

  @Test(arguments: [(1, 1), (16, 16), (257, 31)])
  func jpegKeepsSizeAndNearlyColours(width: Int, height: Int) throws {
    let image = RGBImage(
      width: width, height: height,
      pixels: (0..<width * height).flatMap { [UInt8($0 % width / 2), 100, 50] })
    let read = try RGBImage(decoding: image.jpeg(quality: 95), name: "jpeg")
    #expect(read.width == width && read.height == height)
    let errors = zip(read.pixels, image.pixels).map { abs(Int($0) - Int($1)) }
    #expect((errors.max() ?? 255) <= 12)
  }

  @Test func imagesTooLargeForJPEGAreErrors() {
    let wide = RGBImage(width: 65_536, height: 1, pixels: Array(repeating: 0, count: 65_536 * 3))
    #expect(throws: ImageError.self) { try wide.jpeg() }
  }
}
