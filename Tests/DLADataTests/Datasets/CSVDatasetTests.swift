import DLAData
import Foundation
import Testing
import _DLATestSupport

struct CSVDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(
    _ text: some Sequence<UInt8>, classes: ClassNames = ClassNames(count: 3)
  ) throws -> [String] {
    try folder.write(text, to: "t.csv")
    let dataset = try DatasetSource.open("t.csv", in: folder, classes: classes)
    let found = try contents(dataset, in: folder)
    #expect(dataset.count == found.count, "rows that are counted are rows that are read")
    return found
  }

  @Test func usualColumnsAreFoundWhereverTheyAre() throws {
    for header in ["path,label", "Filename,CLASS", "image_id,target", "image,synset"] {
      #expect(try read("\(header)\n1.jpg,0\n2.jpg,1\n".utf8) == ["1.jpg 0", "2.jpg 1"])
    }
    #expect(try read("id,label,split,path\n7,2,val,1.jpg\n".utf8) == ["1.jpg 2"])
  }

  @Test func namedColumnsAreUsed() throws {
    let path = try folder.write("a,b,path,label\nx.jpg,2,y.jpg,1\n", to: "t.csv")
    var source = DatasetSource(path, imageColumn: "A", labelColumn: "b")
    let classes = ClassNames(count: 3)
    #expect(try contents(source.open(classes: classes), in: folder) == ["x.jpg 2"])
    #expect(try source.open(classes: classes).summary == "a table of 1 row, columns a and b")
    source.labelColumn = "none"
    let error = #expect(throws: DatasetError.self) { try source.open(classes: classes) }
    #expect(error?.message.contains("has columns a, b, path, label, but none named none") == true)
    #expect(error?.code == .noLabelColumn)
  }

  @Test func semicolonsAndTabsPartToo() throws {
    #expect(try read("path;label\n1,5.jpg;0\n".utf8) == ["1,5.jpg 0"])
    #expect(try read("path\tlabel\na b.jpg\t1\n".utf8) == ["a b.jpg 1"])
  }

  @Test func aTableWithoutAHeaderIsToldFromOneWithOtherColumns() throws {
    try folder.write("1.jpg,0\n2.jpg,1\n", to: "t.csv")
    let error = #expect(throws: DatasetError.self) { try DatasetSource.open("t.csv", in: folder) }
    #expect(error?.message.contains("its first line names an image") == true)
    // A list may have any name.
    try folder.write("1.jpg 0\n2.jpg 1\n", to: "list.csv")
    #expect(try DatasetSource.open("list.csv", in: folder).count == 2)
  }

  @Test func quotedFieldsHoldAnything() throws {
    let rows =
      "path,label\n\"a,b.jpg\",\"1\"\n\"say \"\"hi\"\".jpg\",2\n\"two\nlines.jpg\",0\nz.jpg,1\n"
    #expect(
      try read(rows.utf8) == ["a,b.jpg 1", "say \"hi\".jpg 2", "two\nlines.jpg 0", "z.jpg 1"])
  }

  @Test func lineEndsAndAByteOrderMarkMakeNoDifference() throws {
    for text in [
      "path,label\n1.jpg,0\n2.jpg,1", "path,label\r\n1.jpg,0\r\n\r\n2.jpg,1\r\n",
      "\u{FEFF}path,label\n1.jpg,0\n\n2.jpg,1\n", "\"path\",\"label\"\n\"1.jpg\",0\n2.jpg,\"1\"",
    ] {
      #expect(try read(text.utf8) == ["1.jpg 0", "2.jpg 1"], "\(text.debugDescription)")
    }
  }

  @Test func wrongRowsAreNamedWithTheirLine() throws {
    let rows = "path,label\n1.jpg,1\n2.jpg\n,1\n\"two\nlines\",x\n3.jpg,2\n\"4\"x,1\n5.jpg,0\n"
    #expect(
      try read(rows.utf8) == [
        "1.jpg 1",
        "line 3: the row has no image and label",
        "line 4: the row has no image and label",
        "two\\u{a}lines: label \"x\" is not one of the 3 classes, line 5; 0 to 2 is expected",
        "3.jpg 2",
        "line 8: the row has a zero byte, or quotes that are not in pairs",
        "5.jpg 0",
      ])
  }

  /// A quote inside a field that has none around it is a letter like others.
  @Test func quotesInsideAFieldAreLetters() throws {
    #expect(
      try read("path,label\n5\" disk.jpg,1\nb.jpg,2\nc\".jpg,0\n".utf8)
        == ["5\" disk.jpg 1", "b.jpg 2", "c\".jpg 0"])
  }

  /// A quote that is never closed costs its own line only, whatever follows.
  @Test(arguments: ["", "\n", "\n\"\"\"\"\"", String(repeating: "y", count: 1 << 17) + ",1\n"])
  func endlessQuotesCostTheirLine(end: String) throws {
    let rows = "path,label\n1.jpg,0\n\"2.jpg,1\n3.jpg,2\n4.jpg,\"1\"\n" + end
    let found = try read(rows.utf8)
    #expect(
      found.prefix(4) == [
        "1.jpg 0", "line 3: the row has a zero byte, or quotes that are not in pairs", "3.jpg 2",
        "4.jpg 1",
      ])
    #expect(found.count <= 5)
  }

  @Test func rowsThatAreNoRowsAreNamedAndTheRestIsRead() throws {
    let long = Array(repeating: UInt8(ascii: "x"), count: 1 << 16)
    let rows: [[UInt8]] = [
      Array("path,label".utf8), [0xC3, 0x28] + Array(",1".utf8), long + Array(",1".utf8),
      [0] + Array(",1".utf8), Array("a.jpg,1".utf8),
    ]
    #expect(
      try read(Array(rows.joined(separator: [UInt8(ascii: "\n")]))) == [
        "\\xC3( 1", "line 3: the row is longer than 64 KiB",
        "line 4: the row has a zero byte, or quotes that are not in pairs",
        "a.jpg 1",
      ])
  }

  @Test func tablesWithoutRowsOrColumnsAreErrors() throws {
    for (text, words, code) in [
      ("", "the list is empty", DatasetError.Code.unreadable),
      ("\n\n", "the list is empty", .unreadable),
      ("path,label\n", "holds no rows below its header", .unreadable),
      ("path,label", "holds no rows", .unreadable),
      ("a,b\n1,2\n", "none of path, ", .noImageColumn),
      ("path,b\n1,2\n", "none of label, ", .noLabelColumn),
    ] {
      let error = #expect(throws: DatasetError.self) { try read(text.utf8) }
      #expect(error?.code == code)
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }

  @Test func tablesAreDetectedByTheirColumns() throws {
    try folder.write("path,label\n1.jpg,0\n", to: "val.txt")
    #expect(try DatasetSource.open("val.txt", in: folder).summary.hasPrefix("a table of 1 row"))
  }

  @Test func shufflingKeepsTheRows() throws {
    try folder.write(
      "path,label\n" + (0..<300).map { "\"\($0)\n.jpg\",\($0 % 4)\n" }.joined(), to: "t.csv")
    let dataset = try DatasetSource.open("t.csv", in: folder, classes: ClassNames(count: 4))
    let straight = try contents(dataset, in: folder)
    let shuffled = try contents(dataset.shuffled(seed: 5), in: folder)
    #expect(straight.count == 300 && shuffled != straight && shuffled.sorted() == straight.sorted())
  }
}
