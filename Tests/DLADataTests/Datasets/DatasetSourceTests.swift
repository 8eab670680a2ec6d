import DLAData
import Foundation
import Testing
import _DLATestSupport

struct DatasetSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    arguments: [
      ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image"), ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
      (Array("RIFF1234WEBP".utf8), "a WebP image"), ([0x50, 0x4B, 3, 4, 0], "a zip file"),
      (Array("PAR1".utf8), "a Parquet file"), ([1, 0, 2], "no text"),
    ] as [([UInt8], String)])
  func otherFilesAreNamedForWhatTheyAre(bytes: [UInt8], words: String) throws {
    try folder.write(bytes, to: "data.txt")
    let error = #expect(throws: DatasetError.self) {
      try DatasetSource.open("data.txt", in: folder)
    }
    #expect(error?.message.contains("is \(words); a folder of class folders") == true)
  }

  @Test func missingPathsAreErrors() throws {
    for path in ["none", "none\0", "a\n{b"] {
      let error = #expect(throws: DatasetError.self) { try DatasetSource.open(path, in: folder) }
      #expect(error?.message.contains("there is no such file or folder") == true)
      #expect(error?.message.contains { $0.isNewline || $0 == "\0" } == false)
    }
    let empty = #expect(throws: DatasetError.self) {
      try DatasetSource("").open(classes: ClassNames(count: 3))
    }
    #expect(empty?.message.contains("there is no such file or folder") == true)
  }

  @Test func aFolderOfShardsIsNoFolderOfClasses() throws {
    var tar = TarWriter()
    tar.add("0.jpg", [1])
    tar.add("0.cls", Array("1".utf8))
    try folder.write(tar.archive, to: "d/a.tar")
    try folder.write(gzip(tar.archive), to: "d/b.TGZ")
    #expect(try DatasetSource.open("d", in: folder).summary == "2 tar shards")
    for name in ["d/x/1.jpg", "d/y/1.jpg", "d/z/1.jpg"] { try folder.write("", to: name) }
    #expect(try DatasetSource.open("d", in: folder).summary.hasPrefix("3 class folders"))
  }

  @Test func aFileWithBracesInItsNameIsItself() throws {
    try folder.write("1.jpg 0\n", to: "list{0..1}.txt")
    #expect(try DatasetSource.open("list{0..1}.txt", in: folder).summary == "a list of 1 line")
  }
}
