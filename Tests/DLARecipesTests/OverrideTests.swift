import DLARecipes
import Testing

struct OverrideTests {
  private func overridden(_ options: String...) throws -> YAMLNode {
    var node = try YAMLDocument.read(Array("a: {b: 1, c: [x, {d: 2}]}\ne:\n".utf8), name: "f.yaml")
    for option in options { try node.override(option) }
    return node
  }

  private func value(_ path: String, _ options: String) throws -> YAMLNode {
    var node = try overridden(options)
    for key in path.split(separator: ".") {
      switch node.content {
      case .mapping(let entries):
        node = try #require(entries.first { $0.key == key }).value
      case .list(let items): node = items[try #require(Int(key))]
      case .scalar: Issue.record("\(key) of a scalar")
      }
    }
    return node
  }

  private func scalar(_ path: String, _ option: String) throws -> YAMLScalar {
    guard case .scalar(let scalar) = try value(path, option).content else {
      throw RecipeError(.malformed, "\(path) is no scalar")
    }
    return scalar
  }

  @Test func namesAndNumbersLeadToValues() throws {
    #expect(try scalar("a.b", "a.b=2").literal == .integer(2))
    #expect(try scalar("a.c.0", "a.c.0=y").text == "y")
    #expect(try scalar("a.c.1.d", "a.c.1.d=1e-3").literal == .number(1e-3))
    #expect(try scalar("a", "a=1").literal == .integer(1))
    #expect(try scalar("a.b", "a.b=").literal == .null)
    #expect(try scalar("a.b", "a.b=None").literal == .null)
    #expect(try value("a.b", "a.b=2").origin == .option("a.b=2"))
    #expect(try value("a.c.1", "a.b=2").origin == .line(1))
  }

  @Test func newNamesAreAdded() throws {
    #expect(try scalar("f.g.h", "f.g.h=1").literal == .integer(1))
    #expect(try scalar("e.g", "e.g=True").literal == .bool(true))
    #expect(try scalar("a.c.1.z", "a.c.1.z=x").text == "x")
  }

  @Test func theLastOneCounts() throws {
    #expect(try overridden("a.b=2", "a.b=3") == overridden("a.b=3"))
    #expect(try overridden("a.b=2", "a.b=3") != overridden("a.b=2"))
  }

  @Test func onlyBracketsAndQuotesAreTakenApart() throws {
    #expect(try scalar("a.b", "a.b=x: y # z").text == "x: y # z")
    #expect(try scalar("a.b", "a.b=https://h/a?b=c").text == "https://h/a?b=c")
    #expect(try scalar("a.b", "a.b=*x").text == "*x")
    #expect(try scalar("a.b", "a.b='1'").isPlain == false)
    #expect(try scalar("a.b.1", "a.b=[1, 5]").literal == .integer(5))
    #expect(try scalar("a.b.c.d", "a.b={c: {d: x}}").text == "x")
    #expect(try value("a.b.c", "a.b={c: {d: x}}").origin == .option("a.b={c: {d: x}}"))
  }

  @Test func invalidOverridesAreRefused() throws {
    for (option, words) in [
      ("a.b", "there is no \"=\""), ("=1", "the path  is none"),
      ("a..b=1", "the path a..b is none"),
      (".a=1", "is none"), ("a.=1", "is none"),
      (String(repeating: "a.", count: 40) + "b=1", "is none"),
      ("a.c.2=1", "a.c is a list of 2 values, which has no 2"), ("a.c.-1=1", "has no -1"),
      ("a.c.x=1", "has no x"), ("a.b.c=1", "a.b is 1, which holds no c"),
      ("a.b=[1, 2", "brackets and quotes"), ("a.b='x", "brackets and quotes"),
      ("a.b=[1] x", "brackets and quotes"), ("a.b={a: *x}", "brackets and quotes"),
    ] {
      let error = try #require(throws: RecipeError.self) { try overridden(option) }
      #expect(error.message.contains(words), "\(error.message)")
      #expect(error.message.hasPrefix("-o "), "\(error.message)")
      #expect(!error.message.contains("\n"))
    }
  }

  @Test func errorsNameTheOption() throws {
    let error = try #require(throws: RecipeError.self) { try recipe("Global.epochs=0") }
    #expect(
      error.message
        == "-o Global.epochs=0: Global.epochs is 0; a whole number from 1 to 100000 is expected")
    let unknown = try #require(throws: RecipeError.self) { try recipe("Global.epoch=1") }
    #expect(
      unknown.message.hasPrefix(
        "-o Global.epoch=1: the key of Global \"epoch\" is not known; did you mean epochs or "))
  }
}
