import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// The classes that the names in a dataset mean, by the real binary.
struct EvaluateLabelTests {
  private let data: EvaluationData

  init() throws { data = try EvaluationData() }

  private func evaluate(_ path: String, _ more: String...) throws -> [Outcome] {
    let output = data.folder.path("out.csv")
    let run = try ToolRun(["evaluate", "--data", path, "--predictions", output] + more)
    #expect(run.status == 0, "\(run.errors)")
    let rows = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    return rows.dropFirst().map { row in
      let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return Outcome(name: fields[0], label: Int(fields[1]), classification: .failed(fields[2]))
    }
  }

  /// Class folders have the indices of their names in the file, in every format.
  @Test func labelFilesDecideTheOrder() throws {
    let path = try data.write(.folders)
    let reversed = Array(data.classes.reversed())
    for lines in [
      reversed, reversed.enumerated().map { "\($0) \($1)" },
      reversed.enumerated().map { "\($0) \($1)" }.sorted(by: >),
      reversed.enumerated().map { "n1234567\($0) \($1), \($0)th" },
    ] {
      let labels = try data.folder.write(lines.joined(separator: "\n"), to: "labels.txt")
      let outcomes = try evaluate(path, "--labels", labels)
      #expect(outcomes.count == EvaluationData.count)
      for outcome in outcomes {
        let folder = try #require(outcome.name.split(separator: "/").dropLast().last)
        #expect(outcome.label.map { reversed[$0] } == String(folder), "\(lines)")
      }
    }
  }

  @Test func foldersWithOtherNamesAreInAlphabeticalOrder() throws {
    for (place, name) in ["j", "b", "a", "c", "d", "e", "f", "g", "h", "i"].enumerated() {
      try data.folder.write(data.samples[place].bytes, to: "other/\(name)/\(place).png")
    }
    let outcomes = try evaluate(data.folder.path("other"))
    #expect(outcomes.map(\.label) == Array(0..<10))
    #expect(outcomes.map { $0.name.suffix(7) }.prefix(3) == ["a/2.png", "b/1.png", "c/3.png"])
    let run = try ToolRun("evaluate", "--data", data.folder.path("other"))
    #expect(run.output.contains("10 class folders in alphabetical order"))
  }

  @Test func labelFilesOfAnotherCountAreAnError() throws {
    let labels = try data.folder.write("cat\ndog\n", to: "labels.txt")
    let run = try ToolRun("evaluate", "--data", try data.write(.list), "--labels", labels)
    #expect(run.status == 1 && run.errors.contains("2 labels were given"))
  }

  /// ImageNet's validation folder, or a part of it, needs no label file.
  @Test func imageNetsSynsetsAreKnown() throws {
    let weights = data.folder.path("weights.safetensors")
    try writeSyntheticWeights("dla46x_c", to: weights)
    for (number, synset) in ["n15075141", "n01440764", "n02123159"].enumerated() {
      try data.folder.write(data.samples[number].bytes, to: "val/\(synset)/\(number).png")
    }
    let outcomes = try evaluate(
      data.folder.path("val"), "--weights", weights, "--crop", "32", "--resize-short", "32")
    #expect(outcomes.map(\.label) == [0, 282, 999])
    let list = try data.list([
      "images/p0.png tench", "images/p1.png n02123159", "images/p2.png 999",
      "images/p3.png Egyptian_cat",
    ])
    let named = try evaluate(list, "--weights", weights, "--crop", "32", "--resize-short", "32")
    #expect(named.map(\.label) == [0, 282, 999, 285])
  }

  @Test func columnsAndRootsAreChosen() throws {
    _ = try data.write(.list)
    let table = try data.folder.write(
      "file,where,what\nx,p0.png,cat\nx,p1.png,9\n", to: "tables/t.csv")
    let outcomes = try evaluate(
      table, "--image-column", "where", "--label-column", "WHAT", "--image-root",
      data.folder.path("images"))
    #expect(outcomes.map(\.label) == [3, 9])
    let run = try ToolRun("evaluate", "--data", table, "--image-column", "where")
    #expect(run.status == 1 && run.errors.contains("name it with --label-column"))
  }
}
