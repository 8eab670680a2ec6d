import DLAData
import Testing

struct ThumbnailTests {
  private func size(of width: Int, _ height: Int) -> [Int] {
    let image = RGBImage(
      width: width, height: height, pixels: Array(repeating: 9, count: width * height * 3))
    let thumbnail = image.thumbnail(short: 128, long: 200)
    #expect(thumbnail.pixels.allSatisfy { $0 == 9 })
    return [thumbnail.width, thumbnail.height]
  }

  @Test func theShortSideDecidesUnlessTheLongOneIsTooLong() {
    #expect(size(of: 512, 512) == [128, 128])
    #expect(size(of: 640, 480) == [171, 128])
    #expect(size(of: 300, 900) == [67, 200])
    #expect(size(of: 1, 4000) == [1, 200])
  }

  @Test func smallImagesStayAsTheyAre() {
    #expect(size(of: 32, 32) == [32, 32])
    #expect(size(of: 150, 128) == [150, 128])
    let image = RGBImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    #expect(image.thumbnail(short: 128, long: 200) == image)
  }
}
