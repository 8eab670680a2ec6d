import DLAData
import Testing

@Suite("Pictures come out as the references make them")
struct ReferenceTests {
  @Test("no byte differs", arguments: Fixtures.all)
  func equalsReference(_ fixture: Fixture) throws {
    let preprocessor = Preprocessor(fixture.preset)
    let pixels = try preprocessor.pixels(preprocessor.image(path: fixture.path)).pixels
    try #require(pixels.count == fixture.expected.count)
    let differences = zip(pixels, fixture.expected).filter { $0 != $1 }
    let largest = differences.map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(differences.isEmpty, "\(differences.count) bytes differ, by at most \(largest)")
  }

  @Test("the project's own pictures are all there")
  func ownPicturesAreThere() {
    #expect(Fixtures.files.count == 43)
    #expect(Fixtures.bad.count >= 6)
    #expect(Fixtures.all.count >= 2 * Fixtures.files.count)
  }

  @Test("many threads at once give the same bytes")
  func threadsAgree() async throws {
    let preprocessor = Preprocessor(.timm)
    let path = Fixtures.path("jpeg-420.jpg")
    let expected = try preprocessor.pixels(preprocessor.image(path: path))
    try await withThrowingTaskGroup(of: Image.self) { group in
      for _ in 0..<32 {
        group.addTask { try preprocessor.pixels(preprocessor.image(path: path)) }
      }
      for try await image in group { #expect(image == expected) }
    }
  }
}
