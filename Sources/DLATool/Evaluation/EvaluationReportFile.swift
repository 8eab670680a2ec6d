import DLAReport
import DLASystem
import DeepLayerAggregation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct EvaluationReportFile {
  let path: String

  private static let thumbnail = (short: 128, long: 200)

  /// Writes the report atomically.
  ///
  /// - Throws: `FileError` if it can't be written, `ImageError` if an image can't be encoded.
  func write(_ run: EvaluationRun, _ result: EvaluationRun.Result) throws {
    let classifier = run.evaluation.classifier
    var findings = EvaluationFindings(classes: classifier.classNames.count)
    try run.journal.read { findings.add($0) }
    let settings = run.settings
    func setting(_ name: String) -> String { settings.rows.first { $0.name == name }?.value ?? "" }
    let report = EvaluationReport(
      model: setting("model"), data: setting("data"), classes: classifier.classNames,
      findings: findings, rate: result.rate, images: images(of: findings.mistakes, run),
      settings: settings.rows + settings.hardware,
      command: CommandWords.line(
        ["dla"]
          + Platform.arguments.dropFirst().filter { $0 != "--resume" }.map(PathText.shown)),
      origin: "Written by dla \(packageVersion), \(Date.now.formatted(.iso8601))")
    let page = Array(try report.html().utf8)
    let file = try ReplacementFile(path: path)
    try page.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  /// Reads the misclassified images again, in one pass over the dataset; missing and changed ones are
  /// left out.
  private func images(
    of mistakes: [EvaluationFindings.Mistake], _ run: EvaluationRun
  ) -> [Int: RGBImage] {
    let mistakes = mistakes.sorted { $0.place < $1.place }
    guard !mistakes.isEmpty, var reader = try? run.evaluation.dataset.reader() else { return [:] }
    Console.progress("reading the images of the report")
    defer { Console.endProgress() }
    let preprocessor = run.evaluation.classifier.preprocessor
    var images: [Int: RGBImage] = [:]
    var place = 0
    for mistake in mistakes {
      reader.skip(mistake.place - place)
      let sample = reader.next()
      place = mistake.place + 1
      guard case .success(let sample)? = sample, sample.name == mistake.name,
        let image = try? preprocessor.image(sample)
      else { continue }
      images[mistake.place] = image.thumbnail(
        short: Self.thumbnail.short, long: Self.thumbnail.long)
    }
    return images
  }
}
