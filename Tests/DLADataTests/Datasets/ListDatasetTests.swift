import DLAData
import Foundation
import Testing
import _DLATestSupport

struct ListDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(
    _ text: some Sequence<UInt8>, classes: ClassNames = ClassNames(count: 3)
  ) throws -> [String] {
    try folder.write(text, to: "list.txt")
    return try contents(DatasetSource.open("list.txt", in: folder, classes: classes), in: folder)
  }

  @Test func linesArePathsAndLabels() throws {
    let lines = "val/1.jpg 0\n/abs/2.jpg\t2\n  a b.jpg  1 \n\n \t\nlast.jpg 1"
    #expect(try read(lines.utf8) == ["val/1.jpg 0", "/abs/2.jpg 2", "a b.jpg 1", "last.jpg 1"])
    #expect(try DatasetSource.open("list.txt", in: folder).count == 4)
    #expect(try DatasetSource.open("list.txt", in: folder).summary == "a list of 4 lines")
  }

  @Test func lineEndsAndAByteOrderMarkMakeNoDifference() throws {
    let expected = ["1.jpg 0", "2.jpg 1"]
    for text in [
      "1.jpg 0\n2.jpg 1\n", "1.jpg 0\r\n2.jpg 1\r\n", "\u{FEFF}1.jpg 0\n2.jpg 1",
      "\n\n1.jpg 0\r\n\r\n2.jpg 1\r",
    ] {
      #expect(try read(text.utf8) == expected, "\(text.debugDescription)")
    }
  }

  @Test func relativePathsBeginAtTheImageRoot() throws {
    let path = try folder.write("1.jpg 0\n/2.jpg 1\n", to: "lists/list.txt")
    for (root, expected) in [
      ("/data", ["/data/1.jpg 0", "/2.jpg 1"]), ("/data/", ["/data/1.jpg 0", "/2.jpg 1"]),
      (nil, ["lists/1.jpg 0", "/2.jpg 1"]),
    ] {
      let dataset = try DatasetSource(path, imageRoot: root).open(classes: ClassNames(count: 3))
      #expect(try contents(dataset, in: folder) == expected)
    }
  }

  @Test func labelsMayBeNames() throws {
    #expect(
      try read("1.jpg dog\n2.jpg Gray_Wolf\n3.jpg gray-wolf\n4.jpg 1\n".utf8, classes: .pets)
        == ["1.jpg 1", "2.jpg 2", "3.jpg 2", "4.jpg 1"])
  }

  @Test func wrongLabelsAreNamedWithTheirLine() throws {
    let lines = "1.jpg 3\n\n2.jpg -1\n3.jpg horse\n4.jpg\n5.jpg 2\n6.jpg 99999999999999999999\n"
    #expect(
      try read(lines.utf8, classes: .pets) == [
        "1.jpg: label 3 of 3 classes, line 1; 0 to 2 is expected",
        "2.jpg: label -1 of 3 classes, line 3; 0 to 2 is expected",
        "3.jpg: label \"horse\" is not one of the 3 classes, line 4; 0 to 2 or the name of a class is "
          + "expected",
        "4.jpg: there is no label; \"path label\" is expected, line 5",
        "5.jpg 2",
        "6.jpg: label \"99999999999999999999\" is not one of the 3 classes, line 7; 0 to 2 or the name "
          + "of a class is expected",
      ])
  }

  @Test func labelsOutOfRangeAreNamed() throws {
    let lines = String(repeating: "a.jpg 999\n", count: 76) + "b.jpg 1000\n"
    let read = try read(lines.utf8, classes: ClassNames(count: 1000))
    #expect(read.last?.hasPrefix("b.jpg: label 1000 of 1000 classes, line 77;") == true)
  }

  /// Bytes that are no text cost their own line only.
  @Test func linesThatAreNoTextAreNamedAndTheRestIsRead() throws {
    let long = Array(repeating: UInt8(ascii: "x"), count: 1 << 16)
    let lines: [[UInt8]] = [
      Array("1.jpg 0".utf8), Array("2\0.jpg 1".utf8), [0xFF, 0xFE] + Array(".jpg 1".utf8),
      long + Array(" 1".utf8), Array(long.prefix(5000)) + Array(".jpg 1".utf8), [0xC3],
      Array("3.jpg 2".utf8),
    ]
    // A zero byte near the start would tell a file that is no list.
    let padding = Array(repeating: Array("0.jpg 0".utf8), count: 10_000)
    let text = Array((padding + lines).joined(separator: [UInt8(ascii: "\n")]))
    let found = try read(text).dropFirst(10_000)
    try #require(found.count == lines.count)
    let fifth = try #require(found.dropFirst(4).first)
    #expect(fifth.hasPrefix("line 10005: its path has 5"))
    #expect(
      found.filter { $0 != fifth } == [
        "1.jpg 0",
        "line 10002: the line is not UTF-8 text",
        "line 10003: the line is not UTF-8 text",
        "line 10004: the line is longer than 8 KiB",
        "line 10006: the line is not UTF-8 text",
        "3.jpg 2",
      ])
  }

  @Test func emptyListsAreAnError() throws {
    for text in ["", "\n\n \r\n", "\u{FEFF}"] {
      try folder.write(text, to: "list.txt")
      let error = #expect(throws: DatasetError.self) {
        try DatasetSource.open("list.txt", in: folder)
      }
      #expect(error?.message.contains("the list is empty") == true, "\(text.debugDescription)")
    }
  }

  @Test func shufflingAndSkippingKeepTheLines() throws {
    let lines = (0..<500).map { $0 % 7 == 0 ? "\($0).jpg \($0 % 4)\n\n" : "\($0).jpg \($0 % 4)\n" }
    try folder.write(lines.joined(), to: "list.txt")
    let dataset = try DatasetSource.open("list.txt", in: folder)
    let straight = try contents(dataset, in: folder)
    let shuffled = try contents(dataset.shuffled(seed: 5), in: folder)
    #expect(straight.count == 500 && shuffled != straight && shuffled.sorted() == straight.sorted())
    for (dataset, expected) in [(dataset, straight), (try dataset.shuffled(seed: 5), shuffled)] {
      for count in [0, 1, 499, 500, 501] {
        var reader = try dataset.reader()
        reader.skip(count)
        #expect((reader.next() == nil) == (count >= 500))
      }
      var reader = try dataset.reader()
      reader.skip(321)
      let name: String? =
        switch reader.next() {
        case .success(let sample): sample.name
        case .failure(let error): error.name
        case nil: nil
        }
      #expect(expected[321].contains(try #require(name?.split(separator: "/").last)))
    }
  }
}
