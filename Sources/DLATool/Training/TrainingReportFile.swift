import DLAReport
import DLASystem
import DLAText
import DLATraining
import DeepLayerAggregation
import DeepLayerAggregationTraining

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct TrainingReportFile {
  private let setup: TrainingSetup
  private let folder: TrainingFolder
  private let data: String
  private let validation: String?

  init(_ run: TrainingRun, data: String, validation: String?) {
    setup = run.setup
    folder = run.folder
    (self.data, self.validation) = (data, validation)
  }

  /// Writes the report atomically.
  ///
  /// - Throws: `FileError` if it can't be written or the log can't be read.
  func write(_ records: [TrainingRecord]) throws {
    let report = TrainingReport(
      model: setup.variant.name, data: data, epochs: setup.recipe.epochs, records: records,
      settings: settings,
      command: CommandWords.line(
        ["dla"]
          + Platform.arguments.dropFirst().filter { $0 != "--resume" }.map(PathText.shown)),
      origin: "Written by dla \(packageVersion), \(Date.now.formatted(.iso8601))")
    let page = Array(report.html().utf8)
    let file = try ReplacementFile(path: folder.report)
    try page.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  private var settings: [TrainingReport.Setting] {
    let rows: [TrainingReport.Setting] = [
      ("model", setup.variant.name), ("classes", "\(setup.data.classes.count)"),
      ("training images", "\(grouped(setup.data.samples)), \(setup.data.dataset.summary)"),
      ("validation", validation ?? "none"),
    ]
    let preset = setup.preset
    return rows + setup.recipe.settings + [
      (
        "preset",
        "\(preset.name): \(preset.resampling), short side \(preset.resizeShort), crop \(preset.crop)"
      ),
      ("version", packageVersion),
      ("instruction set", setup.configuration.instructionSet.rawValue),
      ("threads", "\(setup.configuration.threads)"),
    ]
  }
}
