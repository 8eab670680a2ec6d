import DLARecipes
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Results of PyYAML: `Tests/Fixtures/make_yaml.py`.
private struct Recorded: Decodable {
  struct Document: Decodable {
    let text: String
    let tree: Tree
  }
  struct Tree: Decodable {
    let line: Int
    let null: Bool?
    let bool: Bool?
    let int: Int?
    let float: String?
    let text: String?
    let list: [Tree]?
    let mapping: [Entry]?
  }
  struct Entry: Decodable {
    let key: String
    let line: Int
    let value: Tree
  }

  let documents: [Document]
  let broken: [String]

  static func load() throws -> Recorded {
    let file = Fixtures.folder.appending(path: "yaml.json")
    return try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: file))
  }
}

/// YAML documents: read as by PyYAML, unsupported, or malformed.
struct YAMLDocumentTests {
  private func read(_ text: String) throws -> YAMLNode {
    try YAMLDocument.read(Array(text.utf8), name: "f.yaml")
  }

  private func error(_ bytes: some Sequence<UInt8>) throws -> String {
    try #require(
      #expect(throws: RecipeError.self) {
        try YAMLDocument.read(Array(bytes), name: "f.yaml")
      }
    ).message
  }

  @Test func treesAreThoseOfPyYAML() throws {
    for document in try Recorded.load().documents {
      let found = described(try read(document.text))
      #expect(found == described(document.tree), "\(document.text)")
    }
  }

  @Test func documentsThatPyYAMLRefusesAreRefused() throws {
    for text in try Recorded.load().broken {
      #expect(try error(text.utf8).hasPrefix("f.yaml, line "), "\(text)")
    }
  }

  private func described(_ tree: Recorded.Tree) -> String {
    var value = "nothing"
    if tree.null != nil { value = "null" }
    if let bool = tree.bool { value = "\(bool)" }
    if let int = tree.int { value = "\(int)" }
    if let float = tree.float.flatMap(Double.init) { value = "\(float)" }
    if let text = tree.text { value = "\"\(text)\"" }
    if let list = tree.list { value = "[\(list.map(described).joined(separator: ", "))]" }
    if let mapping = tree.mapping {
      let entries = mapping.map { "\($0.line) \"\($0.key)\": \(described($0.value))" }
      value = "{\(entries.joined(separator: ", "))}"
    }
    return "\(tree.line) \(value)"
  }

  private func described(_ node: YAMLNode) -> String {
    guard case .line(let line) = node.origin else { return "no line" }
    let value =
      switch node.content {
      case .scalar(let scalar): described(scalar)
      case .list(let items): "[\(items.map(described).joined(separator: ", "))]"
      case .mapping(let entries):
        "{"
          + entries.map { entry in
            guard case .line(let line) = entry.origin else { return "no line" }
            return "\(line) \"\(entry.key)\": \(described(entry.value))"
          }.joined(separator: ", ") + "}"
      }
    return "\(line) \(value)"
  }

  private func described(_ scalar: YAMLScalar) -> String {
    switch scalar.value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text: "\"\(scalar.text)\""
    }
  }

  // MARK: - Numbers of recipes

  @Test func literalsOfPythonAreTakenForWhatTheyAre() {
    func literal(_ text: String, isPlain: Bool = true) -> YAMLScalar.Value {
      YAMLScalar(text: text, isPlain: isPlain).literal
    }
    #expect(literal("1e-4") == .number(1e-4))
    #expect(literal("-.5") == .number(-0.5))
    #expect(literal("1E3") == .number(1000))
    #expect(literal("None") == .null)
    #expect(literal("12", isPlain: false) == .integer(12))
    #expect(literal("True", isPlain: false) == .bool(true))
    #expect(literal("yes", isPlain: false) == .text)
    #expect(literal("", isPlain: false) == .text)
    for text in ["e4", ".", "-", "1e", "1e+", "--1", "1.2.3", "0x", "1 2", "", "é1"] {
      #expect(YAMLScalar(text: text, isPlain: false).number == nil, "\(text)")
    }
  }

  @Test func divisionsAndProductsAreNumbers() {
    func number(_ text: String) -> Double? { YAMLScalar(text: text, isPlain: true).number }
    #expect(number("1.0/255.0") == 1.0 / 255)
    #expect(number("1./3") == 1.0 / 3)
    #expect(number(" 2 * 3 / 4 ") == 1.5)
    #expect(number("0.1/8*2") == 0.1 / 8 * 2)
    #expect(number("1/0") == .infinity)
    for text in ["1/", "/2", "./data/", "1//2", "a/b", "1+1", "True/2", "*"] {
      #expect(number(text) == nil, "\(text)")
    }
  }

  @Test func aliasesRepeatScalars() throws {
    #expect(
      described(try read("a: &x 10\nb: [*x, &y 'q']\nc: *y\n"))
        == "1 {1 \"a\": 1 10, 2 \"b\": 2 [2 10, 2 \"q\"], 3 \"c\": 3 \"q\"}")
    #expect(try recipe(replacing: "epochs: 90", by: "epochs: &e 30").recipe.epochs == 30)
  }

  // MARK: - What is refused

  @Test func unsupportedSyntaxIsRefused() throws {
    for (text, words) in [
      ("a: *x\nb: &x 1\n", "line 1: no value before has the anchor &x"),
      ("a: &x 1\nb: &x 2\n", "line 2: the anchor &x was set already"),
      ("a: &x 1\n*x : 2\n", "line 2: a key is a list"), ("&x a: 1\n", "line 1: a key is a list"),
      ("a:\n  - &x [1]\n", "line 2: an anchor"), ("a: &x {b: 1}\n", "line 1: an anchor"),
      ("a:\n  <<: {b: 1}\n", "line 2: a merge (<<)"),
      ("a: !!str 1\n", "line 1: a tag (!)"), ("a: !x [1]\n", "line 1: a tag"),
      ("!!map {a: 1}\n", "line 1: a tag"),
      ("a: 1\nb: 2\n\na: 3\n", "line 4: the key \"a\" was set in line 1 already"),
      ("a: {b: 1, 'b': 2}\n", "line 1: the key \"b\" was set in line 1"),
      ("? [a]\n: 1\n", "line 1: a key is a list"), ("? {a: 1}\n: 1\n", "line 1: a key is a list"),
      ("a: 1\n---\nb: 2\n", "line 2: a second document"),
    ] {
      let message = try error(text.utf8)
      #expect(message.contains(words), "\(message)")
    }
  }

  @Test func bombsAreRefusedBeforeTheyGoOff() throws {
    for (start, end) in [("[", "]"), ("{a: ", "}")] {
      let bomb = (1...9).map { level in
        let copy = level == 1 ? "x" : "*l\(level - 1)"
        return "l\(level): &l\(level) \(start)\(copy)\(end)\n"
      }
      #expect(try error(bomb.joined().utf8).contains("line 1: an anchor (&) of a list"))
    }
    for (open, words) in [
      ("[", "more than 32"), ("{a: ", "more than 32"), ("- ", "more than 32"), ("? ", "a key is a"),
    ] {
      let message = try error(String(repeating: open, count: 100_000).utf8)
      #expect(message.contains(words), "\(message)")
    }
    let depth = YAMLDocument.maxLevels
    let deep = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
    #expect(try read(deep).content != .list([]))
    #expect(try error("[\(deep)]".utf8).contains("more than 32"))
  }

  @Test func largeDocumentsAreRefused() throws {
    let keys = (0..<100_000).map { "\($0):\n" }.joined()
    #expect(try error(keys.utf8).contains("there are more than 20,000"))
    let items = "[" + String(repeating: ",1", count: 100_000).dropFirst() + "]"
    #expect(try error(items.utf8).contains("more than 20,000"))
    let long = String(repeating: "k", count: 600_000)
    #expect(try error("\(long): 1\n".utf8).utf8.count < 300)
    #expect(try error("'\(long)': [\n".utf8).utf8.count < 300)
    #expect(try read("a: \(long)\n").content != .mapping([]))
    #expect(try error(repeatElement(0x61, count: YAMLDocument.maxBytes + 1)).contains("1024 KiB"))
  }

  @Test func bytesThatAreNoTextAreRefusedWithTheirLine() throws {
    for (bytes, line) in [
      ([0x61, 0x3A, 0x20, 0x00, 0x0A], 1), ([0x0A, 0x0A, 0x61, 0xFF], 3),
      ([0x61, 0x0A, 0xC3], 2), ([0xC0, 0x80], 1), ([0xED, 0xA0, 0x80], 1),
      ([0x0A, 0xF4, 0x90, 0x80, 0x80], 2), ([0xFF, 0xFE, 0x61, 0x00], 1), ([0x61, 0x0A, 0x7F], 2),
      ([0x0A, 0x27, 0x1B, 0x5B, 0x27], 2),
    ] as [([UInt8], Int)] {
      let message = try error(bytes)
      #expect(message.hasPrefix("f.yaml, line \(line): this is no YAML"), "\(message)")
    }
    // An escape may stand for a zero byte, which no path may hold.
    #expect(throws: RecipeError.self) { try recipe("Global.output_dir=\"a\\0b\"") }
  }

  // MARK: - Whole files that were changed

  @Test func aRecipeThatEndsAnywhereIsReadOrRefused() {
    let bytes = Array(wholeRecipe.utf8)
    for end in bytes.indices { readHostile(Array(bytes[..<end])) }
  }

  @Test func aRecipeWithAnyByteChangedIsReadOrRefused() {
    var random = KeyedRandom(key: "recipes/bytes")
    let bytes = Array(wholeRecipe.utf8)
    let others = Array("\0\n\t :-[]{}'\"&*!#|>%@`0\u{7F}é".utf8) + [0xFF, 0xC3]
    for index in bytes.indices {
      var changed = bytes
      changed[index] = others[random.nextIndex(below: others.count)]
      readHostile(changed)
    }
  }
}
