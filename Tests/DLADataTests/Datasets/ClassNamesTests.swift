import DLAData
import Foundation
import Testing
import _DLATestSupport

struct ClassNamesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: some Sequence<UInt8>) throws -> ClassNames {
    try ClassNames(path: folder.write(text, to: "labels.txt"))
  }

  @Test func oneNameALine() throws {
    for text in ["cat\nred fox\n", "cat\r\nred fox\r\n", "\u{FEFF}cat\nred fox\n\n\n"] {
      #expect(try read(text.utf8) == ClassNames(count: 2, names: ["cat", "red fox"]))
    }
  }

  @Test func paddlesLabelMapIsInTheOrderOfItsNumbers() throws {
    #expect(
      try read("1 goldfish, Carassius auratus\n0 tench, Tinca tinca\n2\tcrane\n".utf8)
        == ClassNames(
          count: 3, names: ["tench, Tinca tinca", "goldfish, Carassius auratus", "crane"]))
  }

  /// One line that does not fit makes all lines names.
  @Test func numbersThatAreNoMapArePartsOfNames() throws {
    for lines in [["0 a", "0 b"], ["0 a", "2 b"], ["0 a", "b"], ["0 a", "1"], ["1 a", "2 b"]] {
      #expect(try read(lines.joined(separator: "\n").utf8).names == lines)
    }
  }

  @Test func synsetsAreIdentifiers() throws {
    #expect(
      try read("n01440764 tench, Tinca tinca\nn01443537\n".utf8)
        == ClassNames(
          count: 2, names: ["tench, Tinca tinca", "n01443537"],
          identifiers: ["n01440764", "n01443537"]))
    #expect(try read("n01440764\nn0144353\n".utf8).identifiers.isEmpty)
    #expect(try read("n01440764\nn0144353x\n".utf8).identifiers.isEmpty)
  }

  @Test func filesOfNoNamesAreErrors() throws {
    for (bytes, words) in [
      ([], "holds no names"), (Array("\n\n".utf8), "holds no names"),
      ([0xFF, 0xFE, 0x41], "is not a list of names"),
      (Array("a\0b".utf8), "is not a list of names"),
      (Array(repeating: 0x41, count: (16 << 20) + 1), "is not a list of names"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: DatasetError.self) { try read(bytes) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    #expect(throws: DatasetError.self) { try ClassNames(path: folder.path("none")) }
    #expect(throws: DatasetError.self) { try ClassNames(path: folder.url.path) }
  }

  // MARK: - What lists may call classes

  private func labels(_ words: [String], _ classes: ClassNames) throws -> [Int?] {
    try folder.write(words.map { "x.jpg \($0)\n" }.joined(), to: "list.txt")
    return try samples(DatasetSource.open("list.txt", in: folder, classes: classes)).map {
      (try? $0.get())?.label
    }
  }

  @Test func aNameThatTwoClassesShareTellsNeither() throws {
    let classes = ClassNames(
      count: 4, names: ["crane", "crane", "kite, hawk", "kite"],
      identifiers: ["n00000001", "n00000002", "n00000003", "n00000004"])
    #expect(
      try labels(["crane", "kite", "n00000002", "N00000003", "hawk"], classes)
        == [nil, 3, 1, 2, nil])
  }

  @Test func numbersAreNumbersEvenIfClassesAreNamedSo() throws {
    let classes = ClassNames(count: 3, names: ["2", "1", "0"])
    #expect(try labels(["0", "01", "2"], classes) == [0, 1, 2])
  }

  @Test func namesWithoutCaseAndWhateverPartsTheirWords() throws {
    let classes = ClassNames(count: 2, names: ["Éclair", "great white shark"])
    #expect(
      try labels(["éclair", "GREAT-WHITE_SHARK", "greatwhiteshark"], classes) == [0, 1, nil])
  }
}
