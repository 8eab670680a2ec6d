import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// `dla train` from images to weights, by the real binary.
struct TrainCommandTests {
  private let images: TrainingImages

  init() throws { images = try TrainingImages() }

  @Test func trainedWeightsClassifyWithoutOptions() throws {
    let run = try ToolRun(
      images.options("run", epochs: 8).map { $0 == "0.02" ? "0.005" : $0 }
        + ["--ema", "0.9", "--warmup-epochs", "1"])
    #expect(run.status == 0 && run.warnings.isEmpty, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    try #require(lines.count == 14, "\(run.output)")
    #expect(
      lines[0].hasPrefix("network   ") && lines[0].contains(" parameters, random weights")
        && lines[1] == "data      48 images, 3 classes, 24 for validation"
        && lines[2] == "schedule  8 epochs of 6 batches of 8 images, 32×32"
        && lines[3].hasPrefix("hardware  2 threads, "), "\(run.output)")
    // All lines of the table have the same width.
    let table = lines[4...12]
    #expect(Set(table.map(\.count)).count == 1)
    let end = lines[13]
    #expect(end.hasPrefix("best Top-1 ") && end.hasSuffix("/run/best.safetensors"))

    let validation = images.folder.path("data/val")
    let weights = images.folder.path("run/best.safetensors")
    let evaluation = try ToolRun("evaluate", "--data", validation, "--weights", weights, "--json")
    let row = try #require(try evaluation.json() as? [String: Any])
    let top1 = try #require(row["top1"] as? Double)
    // Exactly the result of the training.
    let share = top1 <= 1 ? top1 * 100 : top1
    #expect(end.contains("best Top-1 \(Self.fixed(share))"), "\(end) \(share)")
    // Without learning the loss does not fall; the accuracy on 24 images would be luck.
    let losses = lines[5...12].compactMap { Double($0.split(separator: " ")[2]) }
    #expect(losses.count == 8 && losses.min() ?? .infinity < losses[0] / 2, "\(run.output)")

    let paths = TrainingImages.classes.flatMap { name in
      (0..<TrainingImages.perClass.val).map { (name, "\(validation)/\(name)/\($0).png") }
    }
    let predictions = try ToolRun(["classify", "--weights", weights, "--json"] + paths.map(\.1))
      .jsonLines()
    let labels = predictions.map {
      ($0["predictions"] as? [[String: Any]])?.first?["label"] as? String
    }
    try #require(labels.count == paths.count)
    let correct = zip(labels, paths).count { $0 == $1.0 }
    #expect(Self.fixed(100 * Double(correct) / Double(paths.count)) == Self.fixed(share))
  }

  private static func fixed(_ number: Double) -> String { String(format: "%.2f", number) }

  /// The number of decoding threads does not matter, the seed does.
  @Test func equalSeedsGiveEqualBits() throws {
    for (run, more) in [
      ("a", ["--decode-threads", "1"]), ("b", ["--decode-threads", "3"]), ("c", ["--seed", "1"]),
    ] {
      #expect(try ToolRun(images.options(run, epochs: 2) + more).status == 0)
    }
    let a = try images.bytes("a/last.safetensors")
    #expect(try images.bytes("b/last.safetensors") == a)
    #expect(try images.bytes("c/last.safetensors") != a)
  }

  /// A table with its own column names and class names as labels.
  @Test func aTableTrains() throws {
    let names = try images.folder.write("red\ngreen\n", to: "names.txt")
    let rows = (0..<8).flatMap {
      ["data/train/red/\($0).png,red", "data/train/green/\($0).png,green"]
    }
    let table = try images.folder.write(
      (["where,what"] + rows).map { $0 + "\n" }.joined(), to: "table.csv")
    let run = try ToolRun(
      images.options("run", epochs: 1).map { $0 == images.data ? table : $0 } + [
        "--image-column", "where", "--label-column", "what", "--labels", names,
      ])
    #expect(run.status == 0 && run.warnings.isEmpty, "\(run.errors)")
    #expect(run.output.contains("weights: "))
  }

  @Test func mixingDropoutAccumulationAndAdamWTrain() throws {
    // 48 images are six batches of seven and one of six.
    let others = images.options("run", epochs: 12).map { ["8": "7", "0.02": "0.01"][$0] ?? $0 }
    let run = try ToolRun(
      others + [
        "--optimizer", "adamw", "--mixup", "0.2", "--cutmix", "1",
        "--mix-probability", "0.5", "--dropout", "0.1", "--grad-accum-steps", "2", "--clip-norm",
        "5",
        "--label-smoothing", "0.1", "--drop-last", "off", "--schedule", "step", "--lr-epochs", "8",
        "--warmup-epochs", "1", "--decay", "weights",
      ])
    #expect(run.status == 0, "\(run.errors)")
    let rows = run.output.split(separator: "\n").dropFirst(5).prefix(12).map { row in
      row.split(separator: " ").compactMap { Double($0) }
    }
    try #require(rows.count == 12 && rows.allSatisfy { $0.count >= 6 })
    // Without learning the loss does not fall.
    let losses = rows.map { $0[2] }
    #expect(losses.min() ?? .infinity < 0.6 * losses[0], "\(run.output)")
  }

  /// `--pretrained` starts from the file of `dla pull`.
  @Test func pretrainedUsesDownloadedWeights() throws {
    let cache = try TemporaryFolder()
    let options = images.options("run", epochs: 1) + ["--pretrained"]
    let missing = try ToolRun(options, cache: cache.url.path)
    #expect(
      missing.status == 64 && missing.errors.contains("dla pull dla46_c"), "\(missing.errors)")
    let weights = try cache.write("", to: "weights/dla46_c.timm.safetensors")
    try writeSyntheticWeights("dla46_c", to: weights)
    let run = try ToolRun(options, cache: cache.url.path)
    #expect(
      run.status == 0 && run.output.contains("dla46_c.timm.safetensors with a new classifier"),
      "\(run.errors)")
  }

  /// The classifier is replaced, frozen parts keep every bit, others change.
  @Test func fineTuningLeavesFrozenPartsAsTheyAre() throws {
    let start = images.folder.path("start.safetensors")
    try writeSyntheticWeights("dla46_c", to: start)
    let run = try ToolRun(
      images.options("run", epochs: 1).filter { !["--model", "dla46_c"].contains($0) } + [
        "--weights", start, "--freeze", "level0..level3", "--lr-scale", "fc=10,level4=0.1",
      ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output.contains("start.safetensors with a new classifier, the old one has 1,000 classes")
    )
    let before = try CheckpointFile(path: start)
    let after = try CheckpointFile(path: images.folder.path("run/last.safetensors"))
    for entry in after.entries {
      guard let old = before.entry(named: entry.name), entry.name.hasPrefix("fc") == false else {
        #expect(entry.name.hasPrefix("fc."))
        continue
      }
      let isFrozen = ["base_layer", "level0", "level1", "level2", "level3"]
        .contains { entry.name.hasPrefix($0 + ".") }
      let same = try before.floats(named: old.name) == after.floats(named: entry.name)
      #expect(same == isFrozen, "\(entry.name)")
    }
  }
}
