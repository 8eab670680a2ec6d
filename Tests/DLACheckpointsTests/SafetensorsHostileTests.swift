import DLACheckpoints
import Foundation
import Testing

/// One tensor's object.
private func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
  #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

@Suite struct SafetensorsHostileTests {
  /// A broken file, and part of the message that says so.
  struct Case: Sendable, CustomTestStringConvertible {
    let contents: [UInt8]
    let message: String
    let code: CheckpointError.Code
    var testDescription: String { message }

    init(
      _ header: String, data: Int = 4, _ message: String, code: CheckpointError.Code = .malformed
    ) { self.init(file(header, data: data), message, code: code) }

    init(_ contents: [UInt8], _ message: String, code: CheckpointError.Code = .malformed) {
      (self.contents, self.message, self.code) = (contents, message, code)
    }
  }

  static let lengths: [Case] = [
    Case([], "x: the file is empty"),
    Case([1, 2, 3], "the file has 3 bytes, a safetensors file has at least 8"),
    Case(file("{}", claiming: 3), "the header claims 3 bytes, the file has 2"),
    Case(file("{}", claiming: 1 << 30), "the header claims 1073741824 bytes, the file has 2"),
    Case(file("{}", claiming: .max), "the header claims 18446744073709551615 bytes"),
    Case(file("", claiming: 0), "it does not start with '{'"),
    Case("{}", data: 1, "the tensors end at byte 10, the file at 11"),
  ]

  static let syntax: [Case] = [
    Case("[]", "it does not start with '{'"),
    Case(" {}", "it does not start with '{'"),
    Case("{", "it ends where"),
    Case("{}x", "text follows at byte 2"),
    Case("{}\0", "text follows at byte 2"),
    Case("{,}", "',' stands at byte 1 where '\"' is expected"),
    Case(#"{"a"}"#, "'}' stands at byte 4 where ':' is expected"),
    Case(#"{"a":1}"#, "'1' stands at byte 5 where '{' is expected"),
    Case(#"{"a":{},}"#, "dtype is missing"),
    Case(#"{"a":\#(entry("F32", "[1]", "[0,4]")),}"#, "where '\"' is expected"),
    Case(#"{"a":\#(entry("F32", "[1]", "[0,4]")) "b":1}"#, "where ',' is expected"),
    Case("{\"a\n\":{}}", "0xA stands at byte 3 where the end of a string is expected"),
    Case(#"{"\x":{}}"#, "unknown escape"),
    Case(#"{"\ud800":{}}"#, "half a surrogate pair"),
    Case(#"{"\ud800\u0041":{}}"#, "half a surrogate pair"),
    Case(#"{"\udc00\ud800":{}}"#, "half a surrogate pair"),
    Case(#"{"\u12g4":{}}"#, "four hexadecimal digits"),
    Case(#"{"\u12"#, "it ends where four hexadecimal digits"),
    Case(#"{"a\"#, "unknown escape"),
    Case(file([0x7B, 0x22, 0xFF, 0x22, 0x3A]), "is not valid UTF-8"),
    Case(file([0x7B, 0x22, 0xC0, 0x80, 0x22]), "is not valid UTF-8"),
    Case(file([0x7B, 0xFF, 0x7D]), "0xFF stands at byte 1"),
    Case(#"{"__metadata__":null}"#, "where '{' is expected"),
    Case(#"{"__metadata__":{"a":1}}"#, "where '\"' is expected"),
    Case(#"{"a":{"x":\#(String(repeating: "[", count: 100_000))"#, "nested deeper than 32"),
    Case(#"{"a":{"x":\#(String(repeating: #"{"y":"#, count: 99))"#, "nested deeper than 32"),
    Case(#"{"a":{"x":01}}"#, "'1' stands at byte 11 where ',' is expected"),
    Case(#"{"a":{"x":-}}"#, "where a value is expected"),
    Case(#"{"a":{"x":1.}}"#, "where a value is expected"),
    Case(#"{"a":{"x":nul}}"#, "where 'null' is expected"),
    Case(#"{"a":{"x":[1,]}}"#, "where a value is expected"),
  ]

  static let tensors: [Case] = [
    Case(#"{"a":{"dtype":"F32","shape":[1]}}"#, "tensor a: data_offsets is missing"),
    Case(#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, "tensor a: shape is missing"),
    Case(#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, "tensor a: dtype is missing"),
    Case(#"{"a":\#(entry("F8_E4M3", "[4]", "[0,4]"))}"#, "F8_E4M3 is unknown", code: .unsupported),
    Case(#"{"a":\#(entry("F32", "[-1]", "[0,4]"))}"#, "a non-negative integer"),
    Case(#"{"a":\#(entry("F32", "[1.0]", "[0,4]"))}"#, "where ',' is expected"),
    Case(#"{"a":\#(entry("F32", "[1e0]", "[0,4]"))}"#, "where ',' is expected"),
    Case(#"{"a":\#(entry("F32", "[01]", "[0,4]"))}"#, "starts with a zero"),
    Case(#"{"a":\#(entry("F32", "[18446744073709551616]", "[0,4]"))}"#, "is too large"),
    Case(#"{"a":\#(entry("F32", "[9223372036854775807,2]", "[0,4]"))}"#, "is too large"),
    Case(#"{"a":\#(entry("F32", "[9223372036854775807,2,0]", "[0,0]"))}"#, "is too large"),
    Case(#"{"a":\#(entry("F32", "[2]", "[0,4]"))}"#, "takes 8 bytes, data_offsets [0, 4] cover 4"),
    Case(#"{"a":\#(entry("F32", "[1]", "[4,0]"))}"#, "expected a start and an end"),
    Case(#"{"a":\#(entry("F32", "[1]", "[0]"))}"#, "expected a start and an end"),
    Case(#"{"a":\#(entry("F32", "[1]", "[0,4,8]"))}"#, "data_offsets has more than 2 numbers"),
    Case(
      #"{"a":\#(entry("U8", "[1]", "[9223372036854775806,9223372036854775807]"))}"#,
      "are too large"),
    Case(
      #"{"a":\#(entry("F32", "[\(String(repeating: "1,", count: 16))1]", "[0,4]"))}"#,
      "shape has more than 16 numbers"),
    Case(
      #"{"a":\#(entry("F32", "[1]", "[0,4]")),"a":\#(entry("F32", "[1]", "[0,4]"))}"#,
      "a is there twice"),
    Case(#"{"a":{"dtype":"F32","dtype":"F32"}}"#, "tensor a: dtype is there twice"),
    Case(#"{"a":{"x":1,"x":1}}"#, "tensor a: x is there twice"),
    Case(#"{"__metadata__":{"k":"","k":""}}"#, "__metadata__ has k twice"),
    Case(
      #"{"a":{\#((0..<65).map { "\"k\($0)\":0" }.joined(separator: ","))}}"#,
      "it has more than 64 unknown keys"),
    Case(#"{"__metadata__":{},"__metadata__":{}}"#, "__metadata__ is there twice"),
  ]

  static let layouts: [Case] = [
    Case(#"{"a":\#(entry("F32", "[2]", "[0,8]"))}"#, "the file at"),
    Case(#"{"a":\#(entry("U8", "[2]", "[1,3]"))}"#, "follows a hole"),
    Case(
      #"{"a":\#(entry("U8", "[3]", "[0,3]")),"b":\#(entry("U8", "[2]", "[2,4]"))}"#,
      "tensor b starts at byte"),
    Case(
      #"{"a":\#(entry("U8", "[4]", "[0,4]")),"b":\#(entry("U8", "[4]", "[0,4]"))}"#,
      "overlaps the tensor before it"),
    Case(#"{"a":\#(entry("U8", "[3]", "[0,3]"))}"#, "the tensors end at byte"),
    Case(#"{"a":\#(entry("U8", "[0]", "[5,5]"))}"#, "ends at byte"),
  ]

  @Test(arguments: lengths + syntax + tensors + layouts)
  func brokenFilesAreRefusedInOneLine(_ broken: Case) throws {
    let error = try #require(failure(broken.contents))
    #expect(error.message.hasPrefix("x: "))
    #expect(error.message.contains(broken.message), "\(error.message)")
    #expect(error.code == broken.code)
    #expect(isOneLine(error.message))
  }

  @Test func namesInMessagesAreShortAndVisible() throws {
    let name = #"a\n\u001b[31m\u202e"# + String(repeating: "b", count: 900)
    let message = try #require(failure(file(#"{"\#(name)":{}}"#))?.message)
    #expect(message.contains(#"a\u{a}\u{1b}[31m\u{202e}bbb"#))
    #expect(message.utf8.count < 400)
    #expect(isOneLine(message))
  }

  /// Comparing such names as `String` took time that grew with the square of their length.
  @Test(.timeLimit(.minutes(1))) func namesOfCombiningMarksTakeNoTime() throws {
    func marks(_ count: Int) -> String {
      String(repeating: "\u{315}\u{300}\u{5AE}\u{327}", count: count / 4)
    }
    let long = marks(200_000)
    let empty = entry("U8", "[0]", "[0,0]")
    #expect(failure(file(#"{"a\#(long)":\#(empty)}"#))?.message.contains("at most 1024") == true)
    #expect(failure(file(#"{"__metadata__":{"a\#(long)":""}}"#))?.message.contains("256") == true)
    #expect(failure(file(#"{"a":{"a\#(long)":0}}"#))?.message.contains("missing") == true)
    #expect(failure(file(#"{"a":\#(entry("U8\(long)", "[0]", "[0,0]"))}"#))?.code == .unsupported)
    let many = (0..<64).map { #""x\#($0)\#(marks(500))":\#(empty)"# }
    #expect(failure(file("{\(many.joined(separator: ","))}")) == nil)
  }

  @Test func namesThatDifferOnlyInCompositionAreDifferent() throws {
    let empty = entry("U8", "[0]", "[0,0]")
    let contents = file(#"{"\u00e9":\#(empty),"e\u0301":\#(empty)}"#)
    let opened = try CheckpointFile(contents: contents, name: "x")
    #expect(opened.entries.count == 2)
    #expect(opened.entry(named: "e\u{301}")?.name.unicodeScalars.count == 2)
  }

  @Test func everyTruncationIsRefused() throws {
    for name in ["f32", "integers", "zero-size", "unaligned"] {
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: recorded(name))))
      #expect(failure(whole) == nil)
      for count in 0..<whole.count {
        let error = failure(Array(whole[..<count]))
        #expect(error.map { isOneLine($0.message) } == true, "\(name) cut to \(count) bytes")
      }
    }
  }

  @Test func randomChangesNeverBreakTheReader() throws {
    var test = SeededCase()
    var refused = 0
    for name in ["f16", "integers", "unicode", "unaligned", "escapes", "zero-size"] {
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: recorded(name))))
      for round in 0..<2000 {
        var changed = whole
        for _ in 0...round % 4 {
          let place = Int.random(in: changed.indices, using: &test.random)
          changed[place] = UInt8.random(in: 0...255, using: &test.random)
        }
        do throws(CheckpointError) {
          let file = try CheckpointFile(contents: changed, name: "x")
          for entry in file.entries where entry.dataType == .float16 || entry.dataType == .float32 {
            #expect(try file.floats(named: entry.name).count == entry.count)
          }
        } catch {
          refused += 1
          #expect(isOneLine(error.message), "seed \(test.seed), \(name), round \(round)")
        }
      }
    }
    #expect(refused > 1000, "seed \(test.seed)")
  }

  @Test func pathsThatAreNoRegularFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      let empty = folder.appending(path: "empty").path
      #expect(FileManager.default.createFile(atPath: empty, contents: nil))
      let cases = [
        (folder.path, "is a folder without weights", CheckpointError.Code.unreadable),
        (pipe, "is a pipe, a regular file is expected", .unreadable),
        ("/dev/null", "is a device, a regular file is expected", .unreadable),
        (folder.appending(path: "gone").path, "cannot be opened: No such file", .unreadable),
        ("", "the path is empty", .unreadable),
        (empty + "\0x", "the path contains a zero byte", .unreadable),
        (empty, "the file is empty", .malformed),
      ]
      for (path, message, code) in cases {
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.code == code)
        #expect(error.map { isOneLine($0.message) } == true)
      }
    }
  }
}
