import DLASystem
import Foundation
import Testing
import _DLATestSupport

/// Names of any bytes, lists of paths and whatever else folders hold, by the real binary.
struct PathCommandTests {
  private let folder: TemporaryFolder
  private let image: Data
  /// The bytes B9 B7 in a name: two letters in GBK, and no UTF-8.
  private static let name = PathText.text([0xB9, 0xB7])

  init() throws {
    folder = try TemporaryFolder()
    image = try Data(contentsOf: URL(filePath: "\(images)/cat.jpg"))
  }

  /// Writes the image, by the system's calls: Foundation opens no such names.
  private func write(_ name: String) throws {
    let path = folder.path("") + "/" + name
    let parts = path.split(separator: "/")
    for count in 1..<parts.count {
      mkdir(PathText.bytes("/" + parts[..<count].joined(separator: "/")), 0o700)
    }
    let descriptor = open(PathText.bytes(path), O_CREAT | O_WRONLY, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let count = image.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    #expect(count == image.count)
  }

  private func files(_ run: ToolRun) throws -> [String] {
    try run.jsonLines().map { row in
      let file = try #require(row["file"] as? String)
      return file.replacing(folder.url.path + "/", with: "")
        + (row["error"] == nil ? "" : " failed")
    }
  }

  @Test func namesOfAnyBytesAreOpenedAndShownEscaped() throws {
    for name in ["one/ok.jpg", "one/\(Self.name).jpg"] { try write(name) }
    let run = try ToolRun("classify", "--json", folder.path("one"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files(run) == ["one/ok.jpg", "one/\\xB9\\xB7.jpg"])
    let tensors = folder.path("out.safetensors")
    let preprocessed = try ToolRun("preprocess", folder.path("one"), "--output", tensors)
    #expect(preprocessed.status == 0, "\(preprocessed.errors)")
  }

  /// From the folders of a training to the classes of its weights.
  @Test func classesMayHaveNamesOfAnyBytes() throws {
    for name in ["cats", "dogs", Self.name] {
      for number in 0..<4 { try write("classes/\(name)/\(number).jpg") }
    }
    let train = try ToolRun(
      "train", "--data", folder.path("classes"), "--output", folder.path("run"), "--model",
      "dla46_c",
      "--crop", "32", "--resize-short", "32", "--batch-size", "4", "--epochs", "1", "--lr", "1e-4")
    #expect(train.status == 0, "\(train.errors)")
    #expect(train.output.contains("12 images, 3 classes"))
    let run = try ToolRun(
      "evaluate", "--data", folder.path("classes"), "--weights",
      folder.path("run/last.safetensors"),
      "--predictions", folder.path("out.csv"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("3 class folders matched by name"))
    let rows = try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8)
    #expect(rows.contains("classes/\\xB9\\xB7/3.jpg,"))
  }

  @Test func whatIsNoImageIsNamedAndCounted() throws {
    try write("mixed/a.jpg")
    try folder.write("GIF89a", to: "mixed/b.gif")
    try folder.write("notes", to: "mixed/notes.txt")
    for (name, target) in [("c.jpg", "gone.jpg"), ("d", "gone"), ("e", "..")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("mixed/\(name)"), withDestinationPath: target)
    }
    #expect(mkfifo(folder.path("mixed/f.png"), 0o600) == 0)
    let run = try ToolRun("classify", "--json", folder.path("mixed"))
    #expect(run.status == 1)
    let expected = [
      "mixed/a.jpg", "mixed/b.gif failed", "mixed/c.jpg failed", "mixed/d failed",
      "mixed/f.png failed",
    ]
    #expect(try files(run) == expected)
    for words in [
      "b.gif: the content looks like a GIF", "c.jpg: cannot be opened: No such file",
      "d: the link leads nowhere", "f.png: is a pipe",
    ] { #expect(run.errors.contains(words), "\(run.errors)") }
    for (limit, status) in [("3", Int32(1)), ("4", 0)] {
      let run = try ToolRun("classify", "--max-unreadable", limit, folder.path("mixed"))
      #expect(run.status == status)
    }
  }

  @Test func listsOfPathsAreReadInOrder() throws {
    let names = ["b.jpg", "a\u{20}b.jpg", "\(Self.name).jpg", "c.jpg"]
    for name in names { try write("list/\(name)") }
    let paths = names.map { folder.path("list") + "/" + $0 } + [folder.path("none.jpg")]
    let expected =
      ["list/b.jpg", "list/a b.jpg", "list/\\xB9\\xB7.jpg", "list/c.jpg", "none.jpg failed"]
    func bytes(_ separator: [CChar]) -> Data {
      Data(
        paths.flatMap { PathText.bytes($0).dropLast() + separator }.map { UInt8(bitPattern: $0) })
    }
    let newline = CChar(bitPattern: UInt8(ascii: "\n"))
    for (list, options) in [
      (bytes([newline]), []), (bytes([13, newline, newline]), []), (bytes([0]), ["--null"]),
      (bytes([0]), ["-0"]),
    ] as [(Data, [String])] {
      let file = try folder.write(list, to: "paths")
      for (from, input) in [(file, nil), ("-", list)] as [(String, Data?)] {
        let run = try ToolRun(
          ["classify", "--json", "--files-from", from] + options, input: input)
        #expect(run.status == 1)
        #expect(try files(run) == expected, "\(options)")
      }
    }
    let both = try ToolRun(
      "classify", "--json", folder.path("list/c.jpg"), "--files-from", folder.path("paths"), "-0")
    #expect(try files(both) == ["list/c.jpg"] + expected)
  }

  @Test func listsOfPathsAreChecked() throws {
    for (arguments, words) in [
      (["--files-from", "-", "-"], "standard input is read once"),
      (["--null", "x.jpg"], "--null needs --files-from"),
    ] {
      let run = try ToolRun(["classify"] + arguments)
      #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
    }
    let missing = try ToolRun("classify", "--files-from", folder.path("none"))
    #expect(missing.status == 1 && missing.errors.contains("none: cannot be opened"))
  }

  @Test func splitsAreFoundWhateverTheirCase() throws {
    let images = try TrainingImages()
    let folder = images.folder
    for (name, other) in [("train", "Train"), ("val", "VALIDATION")] {
      try FileManager.default.moveItem(
        atPath: folder.path("data/\(name)"), toPath: folder.path("data/\(other)"))
    }
    let run = try ToolRun(images.options("run", epochs: 1))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("48 images, 3 classes, 24 for validation"))
    let evaluate = try ToolRun("evaluate", "--data", folder.path("data"))
    #expect(evaluate.status == 1)
    #expect(evaluate.errors.contains("its folders Train, VALIDATION are the parts of a dataset"))
    try FileManager.default.moveItem(
      atPath: folder.path("data/VALIDATION"), toPath: folder.path("data/fold2"))
    try FileManager.default.moveItem(
      atPath: folder.path("data/Train"), toPath: folder.path("data/fold1"))
    let alike = try ToolRun(images.options("other", epochs: 1))
    #expect(alike.status == 1)
    #expect(alike.errors.contains("fold1, fold2 all have the same subfolders, blue, striped, "))
  }
}
