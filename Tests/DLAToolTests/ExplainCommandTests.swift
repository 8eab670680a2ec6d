import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

struct ExplainCommandTests {
  private static let cat = Fixtures.package.appending(path: "Examples/Images/cat.jpg").path

  private struct Row: Decodable {
    let index: Int
    let label: String
    let probability: Double
    let method: String
    let columns: Int
    let rows: Int
    let map: [Double]
  }

  @Test func theImageWithItsHeatMapIsWritten() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("out.png")
    let run = try ToolRun("explain", Self.cat, "--output", output)
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output.contains("cat") && run.output.contains("occlusion, 16×16 heat map"))
    let written = try RGBImage(path: output)
    let source = try RGBImage(path: Self.cat)
    // The aspect ratios are equal up to rounding.
    #expect(
      abs(written.width * source.height - source.width * written.height)
        <= max(written.width, written.height, source.width, source.height))
    // A heat map has colours.
    let colorful = stride(from: 0, to: written.pixels.count, by: 3).count { place in
      abs(Int(written.pixels[place]) - Int(written.pixels[place + 2])) > 60
    }
    #expect(colorful > 500)
  }

  @Test func classAndMethodCanBeChosen() throws {
    let folder = try TemporaryFolder()
    let run = try ToolRun(
      "explain", Self.cat, "--output", folder.path("o.jpg"), "--class", "dog", "--method",
      "grad-cam", "--crop", "128", "--resize-short", "128", "--json")
    #expect(run.status == 0)
    let row = try JSONDecoder().decode(Row.self, from: Data(run.output.utf8))
    #expect(row.index == 5 && row.label == "dog" && row.method == "grad-cam")
    #expect(row.columns == 4 && row.rows == 4 && row.map.count == 16)
    #expect(row.map.allSatisfy { $0 >= 0 })
    #expect(try RGBImage(path: folder.path("o.jpg")).width > 0)
  }

  @Test(arguments: [
    (["--output", "out.gif"], "ends in .png or .jpg"),
    ([], "--output is missing"),
    (["--output", "o.png", "--class", "unicorn"], "--class is unicorn"),
    (["--output", "o.png", "--class", "10"], "--class is 10"),
    (["--output", "o.png", "--method", "grad-cam", "--patch", "4"], "--method occlusion"),
    (["--output", "o.png", "extra.jpg"], "one IMAGE is expected"),
  ])
  func wrongUseIsExplained(options: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let placed = options.map { $0.hasPrefix("o") ? folder.path($0) : $0 }
    let run = try ToolRun(["explain", Self.cat] + placed)
    #expect(run.status == 64)
    #expect(run.errors.contains(message))
  }

  @Test func aBrokenImageLeavesTheOutputAsItWas() throws {
    let folder = try TemporaryFolder()
    let broken = folder.path("broken.jpg")
    let output = folder.path("out.png")
    try Data("no image".utf8).write(to: URL(filePath: broken))
    try Data("before".utf8).write(to: URL(filePath: output))
    let run = try ToolRun("explain", broken, "--output", output)
    #expect(run.status == 1)
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(try Data(contentsOf: URL(filePath: output)) == Data("before".utf8))
    #expect(try ToolRun("explain", broken, "--output", broken).status == 64)
  }
}
