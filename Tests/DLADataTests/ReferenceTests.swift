import DLAData
import Testing

@Suite struct ReferenceTests {
  @Test(arguments: try Images.references())
  func noByteDiffersFromTheReference(_ picture: ReferenceImage) throws {
    let preprocessor = Preprocessor(picture.preset)
    let pixels = try preprocessor.pixels(preprocessor.image(path: picture.path)).pixels
    try #require(pixels.count == picture.expected.count)
    let differences = zip(pixels, picture.expected).filter { $0 != $1 }
    let largest = differences.map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(differences.isEmpty, "\(differences.count) bytes differ, by at most \(largest)")
  }

  @Test func theProjectsOwnImagesAreAllThere() {
    #expect(Images.names.count == 56)
    #expect(Images.bad.count >= 10)
  }

  @Test func manyThreadsAtOnceGiveTheSameBytes() async throws {
    let preprocessor = Preprocessor(.timm)
    let path = Images.path("jpeg-420.jpg")
    let expected = try preprocessor.pixels(preprocessor.image(path: path))
    try await withThrowingTaskGroup(of: RGBImage.self) { group in
      for _ in 0..<32 {
        group.addTask { try preprocessor.pixels(preprocessor.image(path: path)) }
      }
      for try await image in group { #expect(image == expected) }
    }
  }
}
