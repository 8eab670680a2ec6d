import DLACore
import DLAReport
import DeepLayerAggregation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes the page about a training.
struct TrainingReportFile {
  private let setup: TrainingSetup
  private let folder: TrainingFolder
  private let data: String
  private let validation: String?

  init(_ run: TrainingRun, data: String, validation: String?) {
    setup = run.setup
    folder = run.folder
    self.data = data
    self.validation = validation
  }

  /// Writes the page, whole or not at all.
  ///
  /// - Throws: `FileError` if it can't be written, or the log not be read.
  func write(_ records: [TrainingRecord]) throws {
    let report = TrainingReport(
      model: setup.variant.name, data: data, epochs: setup.recipe.epochs, records: records,
      settings: settings,
      command: CommandWords.line(
        ["dla"] + CommandLine.arguments.dropFirst().filter { $0 != "--resume" }),
      origin: "Made by dla \(packageVersion), \(Date.now.formatted(.iso8601))")
    let page = Array(report.html().utf8)
    let file = try ReplacementFile(path: folder.report)
    try page.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  private var settings: [TrainingReport.Setting] {
    let recipe = setup.recipe
    var rows: [TrainingReport.Setting] = [
      ("model", setup.variant.name), ("classes", "\(setup.data.classes.count)"),
      ("training pictures", "\(grouped(setup.data.samples)), \(setup.data.dataset.summary)"),
      ("validation", validation ?? "none"),
      ("epochs", "\(recipe.epochs)"), ("batch size", "\(recipe.batchSize)"),
      ("batches for one update", "\(recipe.accumulation)"), ("optimizer", "\(recipe.optimizer)"),
      ("learning rate", "\(recipe.rate.rate), \(recipe.rate.curve)"),
      ("weight decay", "\(recipe.weightDecay) of \(recipe.decaying.rawValue)"),
      ("label smoothing", "\(recipe.labelSmoothing)"),
      ("random crop", "\(recipe.augmentation.crop)"), ("mirrored", "\(recipe.augmentation.flip)"),
    ]
    if let warmUp = recipe.rate.warmUp { rows.append(("warm-up", "\(warmUp.epochs) epochs")) }
    if let average = recipe.average { rows.append(("moving average", "\(average.decay)")) }
    if let clipping = recipe.clipping { rows.append(("clipping", "\(clipping)")) }
    if recipe.mixing.mixup > 0 { rows.append(("mixup", "\(recipe.mixing.mixup)")) }
    if recipe.mixing.cutmix > 0 { rows.append(("cutmix", "\(recipe.mixing.cutmix)")) }
    if recipe.dropout > 0 { rows.append(("dropout", "\(recipe.dropout)")) }
    if !recipe.frozen.isEmpty {
      rows.append(("frozen", recipe.frozen.joined(separator: ", ")))
    }
    let preset = setup.preset
    return rows + [
      ("preset", "\(preset.name): short side \(preset.resizeShort), crop \(preset.crop)"),
      ("seed", "\(recipe.seed)"), ("version", packageVersion),
      ("instruction set", setup.engine.instructionSet.rawValue),
      ("threads", "\(setup.engine.threads)"),
    ]
  }
}
