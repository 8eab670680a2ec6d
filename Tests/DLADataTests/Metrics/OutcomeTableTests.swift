import DLAData
import DLATensor
import Testing

struct OutcomeTableTests {
  private static let classes = ClassNames(count: 7, names: (0..<7).map { "class, \"\($0)\"\n" })
  private static let outcomes: [Outcome] = [
    predictions(
      "val/1.jpg", 3, [(3, 0.7), (0, 0.1), (6, 1e-38), (1, 0), (2, .leastNonzeroMagnitude)]),
    predictions("few.jpg", 0, [(1, 1)], loss: 1e300),
    Outcome(
      name: "a,\"b\"\r\n.jpg", label: 5, classification: .failed("a: line\nbreak, \"quoted\"")),
    Outcome(name: "line 7", label: nil, classification: .failed("line 7: no label")),
    // A quote that is one character with the mark upon it.
    predictions("a\"\u{301}.jpg", 1, [(1, 0.5)]),
    predictions("é/ü 漢.jpg", 6, [(6, 0.1), (5, Float(0.1).nextUp), (4, 1 / 3)], loss: 0.1 + 0.2),
    Outcome(
      name: String(repeating: "\"", count: 70_000), label: 1,
      classification: .failed(String(repeating: "é", count: 70_000))),
    predictions("last.jpg", 2, [(2, 0.5), (3, 0.25)], loss: -0.0),
  ]

  private static func predictions(
    _ name: String, _ label: Int, _ predictions: [(Int, Float)], loss: Double = 0.25
  ) -> Outcome {
    Outcome(
      name: name, label: label,
      classification: .predictions(
        predictions.map { Outcome.Prediction(index: $0, probability: $1) }, loss: loss))
  }

  private static func text(_ classes: ClassNames, _ outcomes: [Outcome] = outcomes) -> [UInt8] {
    let table = OutcomeTable(classes: classes)
    return Array((OutcomeTable.header + outcomes.map(table.row).joined()).utf8)
  }

  private static func read(
    _ bytes: some Collection<UInt8>, _ classes: ClassNames = classes
  ) -> (outcomes: [Outcome], end: Int) {
    var outcomes: [Outcome] = []
    let end = Array(bytes).withUnsafeBytes { bytes in
      var reader = OutcomeTable(classes: classes).reader(bytes)
      while let outcome = reader.next() { outcomes.append(outcome) }
      return reader.wholeBytes
    }
    return (outcomes, end)
  }

  @Test(arguments: [classes, ClassNames(count: 7)])
  func outcomesAreReadBack(classes: ClassNames) {
    let text = Self.text(classes)
    let (outcomes, end) = Self.read(text, classes)
    #expect(outcomes == Self.outcomes && end == text.count)
  }

  /// A file that was damaged, or written by hand: what a row of it gives is written and read again.
  @Test func bytesThatAreNoTextStayEscaped() {
    let row = "a\u{10FE9B}.jpg,1,x,1,x,0.5,,,,,,,,,,,,,0.25,\n"
    let bytes = Array((OutcomeTable.header + row).utf8)
    let bad = Array(OutcomeTable.header.utf8) + [0x61, 0x9B] + Array(row.dropFirst(2).utf8)
    for (bytes, name) in [(bytes, "a\\xF4\\x8F\\xBA\\x9B.jpg"), (bad, "a\\x9B.jpg")] {
      let outcomes = Self.read(bytes).outcomes
      #expect(outcomes.map(\.name) == [name])
      #expect(Self.read(Self.text(Self.classes, outcomes)).outcomes == outcomes)
    }
  }

  @Test func randomNumbersAreReadAgainToTheBit() {
    print("random numbers: key outcomes")
    var random = KeyedRandom(key: "outcomes")
    let outcomes = (0..<2000).map { number in
      Self.predictions(
        "\(number)", number % 7,
        (0..<5).map { _ in
          (Int.random(in: 0..<7, using: &random), Float.random(in: 0...1, using: &random))
        },
        loss: Double(bitPattern: random.next() % 0x7FF0_0000_0000_0000))
    }
    #expect(Self.read(Self.text(Self.classes, outcomes)).outcomes == outcomes)
  }

  /// An end anywhere leaves the rows before it, and says where they end.
  @Test func aTableCutAnywhereKeepsItsWholeRows() {
    let short = Self.outcomes.filter { $0.name.utf8.count < 100 }
    let table = OutcomeTable(classes: Self.classes)
    var ends = [OutcomeTable.header.utf8.count]
    for outcome in short { ends.append(ends[ends.count - 1] + table.row(outcome).utf8.count) }
    let text = Self.text(Self.classes, short)
    #expect(ends.last == text.count)
    for length in 0...text.count {
      let (outcomes, end) = Self.read(text[..<length])
      let whole = ends.filter { $0 <= length }.count - 1
      #expect(outcomes == Array(short.prefix(max(0, whole))), "\(length)")
      #expect(end == (whole < 0 ? 0 : ends[whole]), "\(length)")
    }
  }

  /// The fields of a row with one prediction, by column.
  private static let fields =
    ["x", "1", "", "0", "", "1"] + Array(repeating: "", count: 12) + ["0.5", ""]

  private static func line(_ fields: [String]) -> String { fields.joined(separator: ",") + "\n" }

  @Test func aRowNeedsNoNamesAndOneGuess() {
    let (outcomes, end) = Self.read((OutcomeTable.header + Self.line(Self.fields)).utf8)
    #expect(outcomes == [Self.predictions("x", 1, [(0, 1)], loss: 0.5)] && end > 0)
  }

  /// Whatever a field says, only possible outcomes come out of it.
  @Test(arguments: [
    (1, "7"), (1, "-1"), (1, "y"), (1, ""), (3, "7"), (3, "z"), (3, ""), (5, "1.5"), (5, "nan"),
    (5, "-1"), (5, ""), (18, "inf"), (18, ""), (18, "\"0.5"), (18, "0.5\0"), (19, "failed\","),
    (0, "x,"),
  ])
  func wrongRowsEndTheTable(column: Int, text: String) {
    let good = OutcomeTable(classes: Self.classes).row(Self.outcomes[0])
    var fields = Self.fields
    fields[column] = text
    let (outcomes, end) = Self.read((OutcomeTable.header + good + Self.line(fields) + good).utf8)
    #expect(outcomes == [Self.outcomes[0]])
    #expect(end == (OutcomeTable.header + good).utf8.count)
  }

  @Test func anotherTableIsNone() {
    for text in ["", "\n", "file,label\nx,1\n", "\"", "\0\0\0", "x,1,,0,,1,,,,,,,,,,,,,0.5,\n"] {
      let (outcomes, end) = Self.read(text.utf8)
      #expect(outcomes.isEmpty && end == 0)
    }
  }
}
