import DLATraining

/// The page about one training, made of its log and nothing else.
package struct TrainingReport: Sendable {
  /// Something the training was made with, and its value.
  package typealias Setting = (name: String, value: String)

  /// The network's name.
  package var model: String
  /// Where the images are.
  package var data: String
  /// How many epochs the training has in all.
  package var epochs: Int
  /// What the training was made with, in the order to show it.
  package var settings: [Setting]
  /// What a person would type to run it again.
  package var command: String
  /// When and by what the page was made.
  package var origin: String
  /// What the log says.
  package let findings: TrainingFindings

  /// Describes a page.
  ///
  /// - Parameters:
  ///   - model: the network's name.
  ///   - data: where the images are.
  ///   - epochs: how many epochs the training has in all.
  ///   - records: its log.
  ///   - settings: what it was made with, in the order to show it.
  ///   - command: what a person would type to run it again.
  ///   - origin: when and by what the page was made.
  package init(
    model: String, data: String, epochs: Int, records: [TrainingRecord], settings: [Setting],
    command: String, origin: String
  ) {
    self.model = model
    self.data = data
    self.epochs = epochs
    self.settings = settings
    self.command = command
    self.origin = origin
    findings = TrainingFindings(records)
  }

  /// The whole page.
  ///
  /// - Returns: an HTML document that loads nothing.
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

  /// What stands where the log has nothing to show.
  static let nothing = element("p", ["class": "note"]) { "The log has nothing of it yet." }
}
