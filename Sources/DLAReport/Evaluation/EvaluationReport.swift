import DLAData
import DLAText

package struct EvaluationReport: Sendable {
  package typealias Setting = (name: String, value: String)

  package var model: String
  package var data: String
  package var classes: ClassNames
  package var findings: EvaluationFindings
  /// Samples per second; nil if this process evaluated none.
  package var rate: Double?
  /// Thumbnails of misclassified images, by index in the dataset.
  package var images: [Int: RGBImage]
  package var settings: [Setting]
  package var command: String
  /// Program, version and date.
  package var origin: String

  package init(
    model: String, data: String, classes: ClassNames, findings: EvaluationFindings, rate: Double?,
    images: [Int: RGBImage], settings: [Setting], command: String, origin: String
  ) {
    (self.model, self.data, self.classes, self.findings) = (model, data, classes, findings)
    (self.rate, self.images, self.settings, self.command) = (rate, images, settings, command)
    self.origin = origin
  }

  /// The complete page.
  ///
  /// - Throws: ``ImageError`` if an image can't be encoded.
  package func html() throws(ImageError) -> String {
    var sections = [Page.Section(id: "classes", title: "Classes", content: classSection)]
    sections.append(
      Page.Section(id: "confusions", title: "Confusions", content: try confusionSection()))
    sections.append(
      Page.Section(id: "calibration", title: "Calibration", content: calibrationSection))
    sections.append(
      Page.Section(
        id: "mistakes", title: "Most confident misclassifications", content: try mistakeSection()))
    if findings.tally.failed > 0 {
      sections.append(Page.Section(id: "failed", title: "Failed", content: failedSection))
    }
    let settings = RunSettings(settings: settings, command: command).markup
    sections.append(Page.Section(id: "settings", title: "Settings", content: settings))
    let accuracy = findings.tally.top1.map { ": Top-1 " + percent($0, decimals: 2) } ?? ""
    return Page(
      title: "\(shortened(model, to: 40))\(accuracy)", opening: opening, sections: sections,
      footer: origin
    ).html
  }

  private var opening: Markup {
    markup {
      element("h1") {
        "Evaluation of "
        name(model)
      }
      element("p", ["class": "lead"]) { name(data, limit: 400) }
      element("div", ["class": "figures"]) { figures }
    }
  }

  /// The text of a section without samples.
  static let nothing = element("p", ["class": "note"]) { "No image was classified." }
}

extension EvaluationReport {
  var figures: Markup {
    let tally = findings.tally
    return markup {
      accuracy("Top-1", tally.top1Correct, isFirst: true)
      accuracy("Top-5", tally.top5Correct)
      figure("Loss", tally.loss.map { fixed($0, 4) } ?? "–", "cross-entropy, nats")
      figure(
        "Images", grouped(tally.images),
        "of \(grouped(classes.count)) class\(classes.count == 1 ? "" : "es")")
      figure("Failed", grouped(tally.failed), tally.failed == 0 ? "all could be read" : "see below")
      figure(
        "Speed", rate.map { $0 < 100 ? fixed($0, 1) : grouped(Int($0)) } ?? "–",
        rate == nil ? "resumed at the end" : "images/s")
    }
  }

  private func accuracy(_ name: String, _ correct: Int, isFirst: Bool = false) -> Markup {
    let total = findings.tally.images
    return figure(
      name, total > 0 ? percent(Double(correct) / Double(total), decimals: 2) : "–",
      total > 0 ? "95% CI " + interval(correct, of: total, decimals: 2) : "no images",
      isFirst: isFirst)
  }
}

extension EvaluationReport {
  var failedSection: Markup {
    let (failed, shown) = (findings.tally.failed, findings.failures.count)
    return markup {
      element("p", ["class": "note"]) {
        "\(counted(failed, "image", "images")) could not be read or had an invalid label. They are not "
        "part of the statistics above."
        if shown < failed { " The first \(shown):" }
      }
      element("ol", ["class": "failures"]) {
        for message in findings.failures { element("li") { name(message, limit: 400) } }
      }
    }
  }
}
