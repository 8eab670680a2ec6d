import DLACheckpoints
import Foundation
import Testing
import _DLATestSupport

/// Broken and malicious pickles and archives; `Fixtures/checkpoints/hostile/README.md` says what each is.
@Suite struct CheckpointHostileTests {
  static let folder = CheckpointFixtureTests.folder.appending(path: "hostile")

  static func files(_ folder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: Self.folder.appending(path: folder).path)
    return (names ?? []).sorted().map { "\(folder)/\($0)" }
  }

  /// Files in which nothing is broken that is needed, by the starts of their names.
  static let harmless = [
    "array-state-twice", "before", "crc-wrong", "deep-", "empty-with-huge-offset", "end-comment",
    "entry-sizes-differ", "global-after-stop", "keys-repeated", "keys-unknown", "local-other-",
    "memo-of-", "more-after", "path-", "proto-late", "storage-count-too-small", "version-future",
    "two-roots", "empty-shape-overflows", "tensors-beside-the-weights",
    // What libarchive does not need, or does not mind; elements still lie inside the file.
    "array-dtype-size-lies", "bomb-overlap", "end-count", "entry-into-directory", "no-root",
    "view-of-itself",
  ]

  @Test(.timeLimit(.minutes(2)), arguments: ["pickle", "zip", "legacy"])
  func hostileFilesAreRefusedInOneLine(_ kind: String) throws {
    let files = Self.files(kind)
    #expect(files.count > 40)
    for name in files {
      let path = Self.folder.appending(path: name).path
      do throws(CheckpointError) {
        let file = try CheckpointFile(path: path)
        for entry in file.entries { _ = try file.withBytes(named: entry.name) { $0.count } }
        let isHarmless = Self.harmless.contains { name.split(separator: "/")[1].hasPrefix($0) }
        if !isHarmless { Issue.record("\(name) was read: \(file.entries.map(\.name))") }
      } catch {
        #expect(isOneLine(error.message), "\(name): \(error.message)")
        #expect(!error.message.contains("unreadable"))
      }
    }
  }

  /// Every name that a pickle asks for and that is not needed for weights stands in the message.
  @Test func maliciousNamesAreNamed() throws {
    let names = [
      "os-system": "os.system", "posix-system": "posix.system", "builtins-eval": "builtins.eval",
      "subprocess-Popen": "subprocess.Popen",
    ]
    for (file, name) in names {
      let path = Self.folder.appending(path: "pickle/global-\(file).pdparams").path
      let error = #expect(throws: CheckpointError.self) { try CheckpointFile(path: path) }
      #expect(error?.message.contains(name) == true, "\(String(describing: error))")
    }
  }

  /// Structures that are deep are walked and freed without recursion.
  @Test func deepNestingNeedsNoStack() throws {
    for opener in [UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "}")] {
      for closer in [UInt8(ascii: "a"), 0x85] {
        let depth = 100_000
        let pickle =
          [0x80, 2] + Array(repeating: opener, count: depth)
          + Array(repeating: closer, count: depth - 1) + [UInt8(ascii: ".")]
        #expect(refusal(pickle).map(isOneLine) == true)
      }
    }
  }

  @Test func bombsAreBounded() throws {
    // Each pair of bytes doubles what a tuple reaches.
    var doubling: [UInt8] = [0x80, 2, UInt8(ascii: ")")]
    for _ in 0..<10_000 { doubling += [0x32, 0x86] }
    doubling.append(UInt8(ascii: "."))
    #expect(refusal(doubling).map(isOneLine) == true)
    // A million lists, numbers and kept objects.
    for opcode in [UInt8(ascii: "]"), UInt8(ascii: "N"), UInt8(ascii: "("), 0x32] {
      let many =
        [0x80, 4, UInt8(ascii: "N")] + Array(repeating: opcode, count: 1 << 20)
        + [UInt8(ascii: ".")]
      #expect(refusal(many).map(isOneLine) == true)
    }
    let kept =
      [0x80, 4, UInt8(ascii: "N")] + Array(repeating: 0x94, count: 1 << 20)
      + [UInt8(ascii: ".")]
    #expect(refusal(kept)?.contains("at most") == true)
  }

  /// One long list that thousands of tensors name as their shape, or as their slices.
  @Test(.timeLimit(.minutes(1))) func sharedListsTakeNoTime() throws {
    func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + text.utf8 }
    let mark = UInt8(ascii: "(")
    let appends = UInt8(ascii: "e")
    let get = UInt8(ascii: "h")
    let (put, pop) = (UInt8(ascii: "q"), UInt8(ascii: "0"))
    var numbers: [UInt8] = [0x80, 4, UInt8(ascii: "]"), put, 0, mark]
    for _ in 0..<100_000 { numbers += [UInt8(ascii: "K"), 1] }
    numbers += [appends, pop]
    let rebuild = Array("ctorch._utils\n_rebuild_tensor\n".utf8)
    let storage =
      [mark] + text("storage") + Array("ctorch\nFloatStorage\n".utf8) + text("0")
      + text("cpu") + [UInt8(ascii: "K"), 1, UInt8(ascii: "t"), UInt8(ascii: "Q")]
    for _ in 0..<10_000 {
      numbers += rebuild + [mark] + storage
      numbers += [UInt8(ascii: "K"), 0, get, 0, get, 0, UInt8(ascii: "t"), UInt8(ascii: "R"), pop]
    }
    #expect(refusal(numbers)?.contains("shape and strides are expected") == true)

    var sliced: [UInt8] = [0x80, 4, UInt8(ascii: "]"), put, 0, mark]
    for _ in 0..<60_000 { sliced += text("s") }
    sliced += [appends, pop, UInt8(ascii: "}"), mark] + text("UnpackBigParamInfor@@")
    sliced += [UInt8(ascii: "}"), mark]
    for index in 0..<10_000 {
      sliced += text("\(index)") + [UInt8(ascii: "}"), mark] + text("slices") + [get, 0]
      sliced += text("OriginShape") + [UInt8(ascii: ")"), UInt8(ascii: "u")]
    }
    sliced += [UInt8(ascii: "u")] + text("w") + Array("cnumpy.core.multiarray\n_reconstruct\n".utf8)
    sliced += Array("cnumpy\nndarray\n".utf8) + [UInt8(ascii: "K"), 0, 0x85]
    sliced += text("b") + [0x87, UInt8(ascii: "R"), UInt8(ascii: "u"), UInt8(ascii: ".")]
    #expect(refusal(sliced)?.contains("slices of tensors") == true, "\(refusal(sliced) ?? "")")
  }

  @Test func everyTruncationIsRefused() throws {
    let names = [
      "pytorch/protocol-2.pt", "pytorch/training-adamw.pt", "legacy/python-2.pth",
      "legacy/views-protocol-2.pth", "paddle/protocol-2.pdparams", "paddle/protocol-4.pdparams",
      "paddle/nested.pdparams",
    ]
    for name in names {
      let path = CheckpointFixtureTests.folder.appending(path: name)
      guard let whole = try? [UInt8](Data(contentsOf: path)) else {
        Issue.record("\(name) is missing")
        continue
      }
      for count in stride(from: 0, to: whole.count, by: 7) {
        #expect(refusal(Array(whole[..<count])).map(isOneLine) == true, "\(name) cut to \(count)")
      }
    }
  }

  @Test func randomChangesNeverBreakTheReaders() throws {
    var test = SeededCase()
    let names =
      CheckpointFixtureTests.readable("pytorch") + CheckpointFixtureTests.readable("legacy")
      + CheckpointFixtureTests.readable("paddle")
    for name in names {
      let path = CheckpointFixtureTests.folder.appending(path: name)
      guard let whole = try? [UInt8](Data(contentsOf: path)) else { continue }
      for round in 0..<200 {
        var changed = whole
        for _ in 0...round % 4 {
          let place = Int.random(in: changed.indices, using: &test.random)
          changed[place] = UInt8.random(in: 0...255, using: &test.random)
        }
        do throws(CheckpointError) {
          let file = try CheckpointFile(contents: changed, name: "x")
          for entry in file.entries { _ = try file.withBytes(named: entry.name) { $0.count } }
        } catch {
          #expect(isOneLine(error.message), "seed \(test.seed), \(name), round \(round)")
        }
      }
    }
  }

  private func refusal(_ contents: [UInt8]) -> String? {
    do throws(CheckpointError) {
      _ = try CheckpointFile(contents: contents, name: "x")
      return nil
    } catch {
      return error.message
    }
  }
}
