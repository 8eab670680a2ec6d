import DLAData

/// The page about one evaluation, made of what was found and nothing else.
package struct EvaluationReport: Sendable {
  /// Something the run was made with, and its value.
  package typealias Setting = (name: String, value: String)

  /// The network's name.
  package var model: String
  /// Where the images are.
  package var data: String
  /// What the classes are called.
  package var classes: ClassNames
  /// What the outcomes add up to.
  package var findings: EvaluationFindings
  /// Samples each second; nil where none was evaluated by this process.
  package var rate: Double?
  /// Small images of the mistakes that could be read again, by their place in the dataset.
  package var images: [Int: RGBImage]
  /// What the run was made with, in the order to show it.
  package var settings: [Setting]
  /// What a person would type to run it again.
  package var command: String
  /// When and by what the page was made.
  package var origin: String

  /// Describes a page.
  package init(
    model: String, data: String, classes: ClassNames, findings: EvaluationFindings, rate: Double?,
    images: [Int: RGBImage], settings: [Setting], command: String, origin: String
  ) {
    self.model = model
    self.data = data
    self.classes = classes
    self.findings = findings
    self.rate = rate
    self.images = images
    self.settings = settings
    self.command = command
    self.origin = origin
  }

  /// The whole page.
  ///
  /// - Returns: an HTML document that loads nothing.
  /// - Throws: ``ImageError`` if an image can't be encoded.
  package func html() throws(ImageError) -> String {
    var sections = [Page.Section(id: "classes", title: "Classes", content: classSection)]
    sections.append(
      Page.Section(id: "confusions", title: "Confusions", content: try confusionSection()))
    sections.append(
      Page.Section(id: "calibration", title: "Calibration", content: calibrationSection))
    sections.append(
      Page.Section(id: "mistakes", title: "Most confident mistakes", content: try mistakeSection()))
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

  /// What stands where there is no answer to speak of.
  static let nothing = element("p", ["class": "note"]) { "No image was answered." }
}
