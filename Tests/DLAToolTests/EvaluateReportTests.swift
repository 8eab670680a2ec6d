import DLAText
import Foundation
import Testing
import _DLATestSupport

/// `dla evaluate --report` by the real binary, with the built-in model of ten classes.
struct EvaluateReportTests {
  private let folder: TemporaryFolder
  private let list: String
  private let page: String

  init() throws {
    folder = try TemporaryFolder()
    list = folder.path("list.txt")
    page = folder.path("page.html")
    // Neither image is a truck.
    try write("\(images)/cat.jpg 9\n\(images)/horse.png 9\n", to: list)
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  private func read(_ path: String) throws -> String {
    try String(contentsOf: URL(filePath: path), encoding: .utf8)
  }

  @Test func thePageShowsTheRun() throws {
    let run = try ToolRun("evaluate", "--data", list, "--report", page)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("Top-1"))
    let html = try read(page)
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
    #expect(html.contains("<title>dla46_c: Top-1 0.00\u{A0}%</title>"))
    for text in [
      "cat.jpg", "horse.png", "automobile", "dla evaluate --data \(list) --report \(page)",
      "instruction set",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    // Both are misclassified and could be read again.
    #expect(html.components(separatedBy: "src=\"data:image/jpeg;base64,").count == 3)
    #expect(!html.contains("://"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
  }

  @Test func aPageThatExistsIsReplaced() throws {
    try write("old", to: page)
    #expect(try ToolRun("evaluate", "--data", list, "--report", page).status == 0)
    #expect(try read(page).hasPrefix("<!DOCTYPE html>"))
  }

  @Test func samplesThatFailAreNamed() throws {
    let bad = folder.path("<b>bad.jpg")
    try write("no image", to: bad)
    try write("\(bad) 1\n\(images)/cat.jpg 3\ngone.jpg 2\n", to: list)
    let run = try ToolRun("evaluate", "--data", list, "--report", page)
    #expect(run.status == 1)
    let html = try read(page)
    #expect(html.contains("2 images could not be read"))
    #expect(html.contains("&lt;b&gt;bad.jpg: ") && !html.contains("<b>"))
    #expect(html.contains("gone.jpg: "))
  }

  @Test func aRunThatFailsWhollyHasAPageToo() throws {
    try write("gone.jpg 1\n", to: list)
    #expect(try ToolRun("evaluate", "--data", list, "--report", page).status == 1)
    #expect(try read(page).contains("No image was classified."))
  }

  @Test func aPageThatCannotBeWrittenIsToldBeforeTheWork() throws {
    for (path, message) in [
      (folder.path("no/page.html"), "there is no folder"), (folder.url.path, "is a folder"),
    ] {
      let run = try ToolRun("evaluate", "--data", folder.path("gone"), "--report", path)
      #expect(run.status == 1)
      #expect(run.errorLines.count == 1 && run.errors.contains(message), "\(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func inputsAreNotReplaced() throws {
    let before = try read(list)
    let labels = folder.path("labels.txt")
    try write((0..<10).map { "name \($0)\n" }.joined(), to: labels)
    let link = folder.path("link.html")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: list)
    for path in [list, labels, link] {
      let run = try ToolRun("evaluate", "--data", list, "--labels", labels, "--report", path)
      #expect(run.status == 64 && run.errors.contains("would be replaced"), "\(run.errors)")
    }
    #expect(try read(list) == before)
    let both = try ToolRun("evaluate", "--data", list, "--report", page, "--predictions", page)
    #expect(both.status == 64 && both.errors.contains("both name"), "\(both.errors)")
    #expect(!FileManager.default.fileExists(atPath: page))
  }

  /// Images match their names when the samples are shuffled.
  @Test func imagesOfAShuffledRunAreTheirs() throws {
    let copies = (0..<40).map { "\($0 % 2 == 0 ? "cat.jpg" : "horse.png") 9\n" }.joined()
    let lists = [list, folder.path("cats.txt")]
    try write(copies, to: lists[0])
    try write("cat.jpg 9\n", to: lists[1])
    var pages: [String] = []
    for (list, options) in zip(lists, [["--shuffle-seed", "3"], []]) {
      let run = try ToolRun(
        ["evaluate", "--data", list, "--image-root", images, "--report", page] + options)
      #expect(run.status == 0, "\(run.errors)")
      pages.append(try read(page))
    }
    func shownImages(_ page: String) -> [(name: String, address: Substring)] {
      page.components(separatedBy: "<figure>").dropFirst().map { card in
        let address = card.components(separatedBy: "src=\"").last?.prefix { $0 != "\"" } ?? ""
        return (card.contains("<bdi>cat.jpg") ? "cat" : "horse", address)
      }
    }
    let cat = try #require(shownImages(pages[1]).first)
    #expect(cat.name == "cat" && cat.address.hasPrefix("data:image/jpeg"))
    let shown = shownImages(pages[0])
    #expect(shown.count == 24 && shown.contains { $0.name == "cat" })
    #expect(shown.allSatisfy { ($0.name == "cat") == ($0.address == cat.address) })
  }

  @Test func thePagesCommandCanBeTypedAgain() throws {
    let spaced = folder.path("it's a list.txt")
    try FileManager.default.moveItem(atPath: list, toPath: spaced)
    #expect(try ToolRun("evaluate", "--data", spaced, "--report", page).status == 0)
    let quoted = spaced.replacingOccurrences(of: "'", with: "&#39;\\&#39;&#39;")
    #expect(try read(page).contains("--data &#39;\(quoted)&#39; --report"))
  }
}
