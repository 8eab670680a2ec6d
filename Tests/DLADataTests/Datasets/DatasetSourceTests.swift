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

  @Test func splitsAreFoundByTheirUsualNames() throws {
    for (names, training, validation) in [
      (["Train", "Val"], "Train", "Val"), (["training", "TEST", "extra"], "training", "TEST"),
      (["train", "test", "Valid"], "train", "Valid"), (["TRAIN"], "TRAIN", nil),
      (["val", "test"], nil, nil), (["trains", "val"], nil, nil),
    ] as [([String], String?, String?)] {
      let root = try TemporaryFolder()
      for name in names { try root.write("", to: "\(name)/cat/1.jpg") }
      let splits = try DatasetSplits.inside(root.url.path)
      #expect(splits?.training == training.map(root.path), "\(names)")
      #expect(splits?.validation == validation.map(root.path), "\(names)")
    }
    // A folder with images is a class.
    try folder.write("", to: "train/1.jpg")
    #expect(try DatasetSplits.inside(folder.url.path) == nil)
    for name in ["Val", "VAL"] { try folder.write("", to: "twice/\(name)/a/1.jpg") }
    try folder.write("", to: "twice/train/a/1.jpg")
    let error = #expect(throws: DatasetError.self) {
      try DatasetSplits.inside(folder.path("twice"))
    }
    #expect(error?.code == .splits)
    #expect(error?.message.contains("VAL and Val are the same part of a dataset") == true)
  }

  /// Unless they have the names of classes.
  @Test func partsOfADatasetAreNoClasses() throws {
    for name in ["Train/cat", "Train/dog", "Val/cat", "Val/dog"] {
      try folder.write("", to: "usual/\(name)/1.jpg")
    }
    for name in ["fold1/cat", "fold1/dog", "fold2/cat", "fold2/dog"] {
      try folder.write("", to: "alike/\(name)/1.jpg")
    }
    let two = ClassNames(count: 2)
    for (name, words) in [
      ("usual", "its folders Train, Val are the parts of a dataset, not classes"),
      (
        "alike",
        "its folders fold1, fold2 all have the same subfolders, cat, dog, so they look like"
      ),
    ] {
      let error = #expect(throws: DatasetError.self) {
        try DatasetSource.open(name, in: folder, classes: two)
      }
      #expect(error?.code == .splits && error?.message.contains(words) == true)
    }
    let named = ClassNames(count: 2, names: ["fold1", "fold2"])
    #expect(try DatasetSource.open("alike", in: folder, classes: named).count == 4)
    try folder.write("", to: "alike/fold2/bird/1.jpg")
    #expect(try DatasetSource.open("alike", in: folder, classes: two).count == 5)
  }

  @Test func aFileWithBracesInItsNameIsItself() throws {
    try folder.write("1.jpg 0\n", to: "list{0..1}.txt")
    #expect(try DatasetSource.open("list{0..1}.txt", in: folder).summary == "a list of 1 line")
  }
}
