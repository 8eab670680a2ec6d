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
    let lines = "1.jpg 0\n\n3.jpg horse\n4.jpg\n5.jpg 2\n6.jpg 99999999999999999999\n"
    #expect(
      try read(lines.utf8, classes: .pets) == [
        "1.jpg 0",
        "3.jpg: label \"horse\" is not one of the 3 classes, line 3; 0 to 2 or the name of a class is "
          + "expected",
        "4.jpg: there is no label; \"path label\" is expected, line 4",
        "5.jpg 2",
        "6.jpg: label \"99999999999999999999\" is not one of the 3 classes, line 6; 0 to 2 or the name "
          + "of a class is expected",
      ])
  }

  /// A wrong numbering makes all labels wrong, so no sample is read; in a table too.
  @Test func labelsOutOfRangeStopAndAreNamed() throws {
    let rows = (0..<76).map { _ in "a.jpg 999\n" } + ["b.jpg 1000\n", "c.jpg 1001\n"]
    let table = "path,label\n" + rows.joined().replacing(" ", with: ",")
    for (text, line) in [(rows.joined(), 77), (table, 78)] {
      let error = #expect(throws: DatasetError.self) {
        try read(text.utf8, classes: ClassNames(count: 1000))
      }
      #expect(error?.code == .labelOutOfRange)
      let words =
        "b.jpg: label 1000 of 1000 classes, line \(line); labels begin at 0, so 0 to 999 is"
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    #expect(throws: DatasetError.self) { try read("1.jpg -1\n".utf8) }
  }

  @Test func delimitersPartTheLabel() throws {
    for (delimiter, text) in [
      ("\t", "a b,c.jpg\t0\n d.jpg \t dog \r\n"), (",", "a b,c.jpg,0\n d.jpg , dog \r\n"),
      (";", "a b,c.jpg;0\n d.jpg ; dog \r\n"),
    ] as [(Character, String)] {
      // Even if the first line looks like the header of a table.
      let path = try folder.write("path,label\(delimiter)1\n" + text, to: "list.csv")
      let source = DatasetSource(path, delimiter: delimiter)
      #expect(
        try contents(source.open(classes: .pets), in: folder)
          == ["path,label 1", "a b,c.jpg 0", "d.jpg 1"])
    }
    let source = DatasetSource(try folder.write("a.jpg 1\n", to: "list.txt"), delimiter: "\t")
    #expect(
      try contents(source.open(classes: .pets), in: folder)
        == ["a.jpg 1: there is no label; \"path label\" is expected, line 1"])
  }

  /// Bytes that are no path cost their own line only.
  @Test func linesThatAreNoLinesAreNamedAndTheRestIsRead() throws {
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
        "line 10002: the line contains a zero byte",
        "\\xFF\\xFE.jpg 1",
        "line 10004: the line is longer than 8 KiB",
        "\\xC3: there is no label; \"path label\" is expected, line 10006",
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
    let dataset = try DatasetSource.open("list.txt", in: folder, classes: ClassNames(count: 4))
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
