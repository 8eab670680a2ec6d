import DLATraining

package struct TrainingReport: Sendable {
  package typealias Setting = (name: String, value: String)

  package var model: String
  package var data: String
  package var epochs: Int
  package var settings: [Setting]
  package var command: String
  package var origin: String
  package let findings: TrainingFindings

  package init(
    model: String, data: String, epochs: Int, records: [TrainingRecord], settings: [Setting],
    command: String, origin: String
  ) {
    (self.model, self.data, self.epochs, self.settings) = (model, data, epochs, settings)
    (self.command, self.origin) = (command, origin)
    findings = TrainingFindings(records)
  }

  package func html() -> String {
    let settings = RunSettings(settings: settings, command: command).markup
    let best = findings.best?.validation.map { ": Top-1 " + percent($0.top1, decimals: 2) } ?? ""
    return Page(
      title: "\(shortened(model, to: 40))\(best)", opening: opening,
      sections: [
        Page.Section(id: "loss", title: "Loss", content: lossSection),
        Page.Section(id: "accuracy", title: "Accuracy", content: accuracySection),
        Page.Section(id: "rate", title: "Learning rate", content: rateSection),
        Page.Section(id: "epochs", title: "Epochs", content: epochSection),
        Page.Section(id: "settings", title: "Settings", content: settings),
      ], footer: origin
    ).html
  }

  private var opening: Markup {
    markup {
      element("h1") {
        "Training of "
        name(model)
      }
      element("p", ["class": "lead"]) { name(data, limit: 400) }
      element("div", ["class": "figures"]) { figures }
    }
  }

  /// The text of a section without log entries.
  static let nothing = element("p", ["class": "note"]) { "The log has no entries yet." }
}
