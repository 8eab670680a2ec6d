import DLAData
import Foundation
import Testing
import _DLATestSupport

struct ClassFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ classes: ClassNames = ClassNames(count: 3)) throws -> any Dataset {
    try DatasetSource(folder.url.path).open(classes: classes)
  }

  @Test func foldersWithoutNamesAreClassesInTheOrderOfTheirBytes() throws {
    for name in ["b/2.jpg", "b/10.PNG", "B/x.webp", "a/y.jpeg", "a/z.txt", "a/.hidden.jpg"] {
      try folder.write("", to: name)
    }
    let dataset = try open()
    #expect(
      dataset.summary
        == "3 class folders in alphabetical order: B, a, b; 1 file of other kinds left out"
    )
    #expect(dataset.count == 4)
    // As torchvision's ImageFolder: B before a before b, and 10 before 2.
    #expect(
      try contents(dataset, in: folder) == ["B/x.webp 0", "a/y.jpeg 1", "b/10.PNG 2", "b/2.jpg 2"])
  }

  @Test func namesOfClassesDecideAndMayBeFewer() throws {
    for name in ["Timber_Wolf/1.jpg", "cat/1.jpg"] { try folder.write("", to: name) }
    #expect(throws: DatasetError.self) { try open() }
    let dataset = try open(ClassNames(count: 3, names: ["cat", "dog", "timber wolf"]))
    #expect(dataset.summary == "2 class folders matched by name")
    #expect(try contents(dataset, in: folder) == ["Timber_Wolf/1.jpg 2", "cat/1.jpg 0"])
    // Of several words with commas the first is enough.
    try FileManager.default.moveItem(
      atPath: folder.path("Timber_Wolf"), toPath: folder.path("GRAY-WOLF"))
    #expect(try contents(open(.pets), in: folder) == ["GRAY-WOLF/1.jpg 2", "cat/1.jpg 0"])
  }

  @Test func identifiersDecideInAnyOrder() throws {
    for name in ["n00000003/1.jpg", "n00000001/1.jpg"] { try folder.write("", to: name) }
    let classes = ClassNames(count: 3, identifiers: ["n00000003", "n00000002", "n00000001"])
    #expect(try contents(open(classes), in: folder) == ["n00000001/1.jpg 2", "n00000003/1.jpg 0"])
  }

  @Test func anUnknownFolderAmongTooFewIsNamed() throws {
    for name in ["cat/1.jpg", "horse/1.jpg"] { try folder.write("", to: name) }
    let error = #expect(throws: DatasetError.self) { try open(.pets) }
    #expect(error?.message.contains("holds 2 folders for 3 classes, and \"horse\"") == true)
    #expect(error?.code == .unknownClassFolder)
  }

  @Test func imagesAtAnyDepthAreOfTheClass() throws {
    for name in ["a/1/2/3.jpg", "a/0.jpg", "a/9.jpg", "b/c/d.jpg", "c/e.jpg"] {
      try folder.write("", to: name)
    }
    #expect(
      try contents(open(), in: folder)
        == ["a/0.jpg 0", "a/1/2/3.jpg 0", "a/9.jpg 0", "b/c/d.jpg 1", "c/e.jpg 2"])
  }

  @Test func foldersNamedByNumbersAreTheseClasses() throws {
    for name in ["0/a.jpg", "2/b.jpg", "10/c.jpg"] { try folder.write("", to: name) }
    let dataset = try open(ClassNames(count: 11))
    #expect(dataset.summary == "3 class folders matched by number")
    #expect(try contents(dataset, in: folder) == ["0/a.jpg 0", "10/c.jpg 10", "2/b.jpg 2"])
  }

  @Test func imagesBesideTheFoldersAreErrors() throws {
    for name in ["a/1.jpg", "b/1.jpg", "c/1.jpg", "0.jpg", "1.heic", "notes.txt"] {
      try folder.write("", to: name)
    }
    let words = "the image lies beside the class folders, so it has no class"
    let expected = ["0.jpg: \(words)", "1.heic: \(words)", "a/1.jpg 0", "b/1.jpg 1", "c/1.jpg 2"]
    #expect(try contents(open(), in: folder) == expected)
    #expect(try open().count == 5)
    #expect(try contents(open().shuffled(seed: 2), in: folder).sorted() == expected)
  }

  /// Opening them tells what they are.
  @Test func imagesOfOtherKindsAreSamples() throws {
    for name in ["a/1.gif", "b/1.TIFF", "b/2.avif", "c/1.bmp", "c/2.txt"] {
      try folder.write("GIF89a", to: name)
    }
    let found = try samples(open())
    #expect(found.count == 4)
    for sample in found {
      let error = #expect(throws: ImageError.self) {
        try Preprocessor(.timm).image(sample.get())
      }
      #expect(
        error?.message.contains("looks like a GIF; expected a JPEG, PNG, WebP or BMP") == true)
    }
  }

  @Test func folderLinksAreFollowed() throws {
    try folder.write("", to: "more/deep/2.jpg")
    for name in ["data/a/1.jpg", "data/b/1.jpg", "data/c/1.jpg"] { try folder.write("", to: name) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("data/b/link"), withDestinationPath: "../../more")
    let dataset = try DatasetSource.open("data", in: folder)
    #expect(
      try contents(dataset, in: folder)
        == ["data/a/1.jpg 0", "data/b/1.jpg 1", "data/b/link/deep/2.jpg 1", "data/c/1.jpg 2"])
  }

  @Test func foldersWithoutImagesAreAnError() throws {
    let error = #expect(throws: DatasetError.self) { try open() }
    #expect(error?.message.contains("holds no images and no folders") == true)
    for name in ["a/1.txt", "b/2.txt", "c/3.txt"] { try folder.write("", to: name) }
    let second = #expect(throws: DatasetError.self) { try open() }
    #expect(second?.message.contains("3 folders hold no JPEG, PNG, WebP or BMP file") == true)
  }

  @Test func linksInACircleEnd() throws {
    try folder.write("", to: "a/1.jpg")
    for (name, target) in [("a/up", ".."), ("a/self", "self"), ("b", "a"), ("c", "/nonexistent")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(name), withDestinationPath: target)
    }
    // A class folder may be a link; what leads nowhere is no folder, and named.
    let nowhere = "the link leads nowhere; were the data fetched?"
    #expect(
      try contents(open(ClassNames(count: 2)), in: folder) == [
        "c: \(nowhere)", "a/1.jpg 0", "a/self: \(nowhere)", "a/up/c: \(nowhere)", "b/1.jpg 1",
        "b/self: \(nowhere)", "b/up/c: \(nowhere)",
      ])
  }

  @Test func foldersThatAreTooDeepAreNamedAndTheRestIsRead() throws {
    let deep = "a/" + Array(repeating: "d", count: 70).joined(separator: "/")
    for name in ["\(deep)/lost.jpg", "b/1.jpg", "c/1.jpg"] { try folder.write("", to: name) }
    let found = try contents(open(), in: folder)
    #expect(found.count == 3)
    #expect(found.first?.contains("the folder can't be read") == true)
    #expect(found.dropFirst() == ["b/1.jpg 1", "c/1.jpg 2"])
  }

  @Test func shufflingKeepsEverySampleAndFollowsFromTheSeed() throws {
    for number in 0..<60 { try folder.write("", to: "\(number % 3)/\(number).jpg") }
    let dataset = try open()
    let straight = try contents(dataset, in: folder)
    let shuffled = try contents(dataset.shuffled(seed: 1), in: folder)
    #expect(shuffled != straight && shuffled.sorted() == straight.sorted())
    #expect(try contents(dataset.shuffled(seed: 1), in: folder) == shuffled)
    #expect(try contents(dataset.shuffled(seed: 2), in: folder) != shuffled)
    #expect(try dataset.shuffled(seed: 1).count == 60)
  }

  @Test func skippingLandsOnTheSampleThatReadingWould() throws {
    for number in 0..<9 { try folder.write("", to: "\(number % 3)/\(number).jpg") }
    for dataset in [try open(), try open().shuffled(seed: 3)] {
      let names = try samples(dataset).map { try $0.get().name }
      for count in 0...10 {
        var reader = try dataset.reader()
        reader.skip(count)
        #expect(try reader.next()?.get().name == (count < names.count ? names[count] : nil))
      }
    }
  }
}
