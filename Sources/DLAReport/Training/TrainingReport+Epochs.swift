import DLAText
import DLATraining

extension TrainingReport {
  /// The maximum number of rows; with more epochs, some are left out.
  private static let maxRows = 500

  var epochSection: Markup {
    let best = findings.best?.epoch
    let shown = shownEpochs(best)
    let hasValidation = shown.contains { $0.validation != nil }
    return markup {
      if shown.isEmpty {
        Self.nothing
      } else {
        element("p", ["class": "note"]) {
          "Speed and time exclude validation."
          if shown.count < findings.epochs.count {
            " \(grouped(shown.count)) of \(grouped(findings.epochs.count)) epochs are shown, with the "
            "best and the last."
          }
          if findings.unreadable > 0 {
            " Up to \(counted(findings.unreadable, "image", "images")) per epoch could not be read."
          }
        }
        element("div", ["class": "scroll tall"]) {
          element("table", ["class": "dense sortable"]) {
            element("thead") { element("tr") { heads(hasValidation) } }
            element("tbody") {
              for epoch in shown { row(epoch, hasValidation, isBest: epoch.epoch == best) }
            }
          }
        }
      }
    }
  }

  private func shownEpochs(_ best: Int?) -> [EpochRecord] {
    let all = findings.epochs
    let every = max(1, (all.count + Self.maxRows - 1) / Self.maxRows)
    return all.enumerated().filter { place, epoch in
      (place + 1).isMultiple(of: every) || place + 1 == all.count || epoch.epoch == best
    }.map(\.element)
  }

  private func heads(_ hasValidation: Bool) -> [Markup] {
    let validation = ["Validation loss", "Top-1", "Top-5"]
    let names =
      ["Epoch", "Training loss", "Top-1"] + (hasValidation ? validation : [])
      + ["Learning rate", "Images/s", "Seconds"]
    return names.map { name in element("th", ["class": "number"]) { name } }
  }

  private func row(_ epoch: EpochRecord, _ hasValidation: Bool, isBest: Bool) -> Markup {
    var cells = [grouped(epoch.epoch), loss(epoch.loss), share(epoch.top1, decimals: 2)]
    if hasValidation {
      let validation = epoch.validation
      cells += [
        validation.map { loss($0.loss) } ?? "–",
        validation.map { share($0.top1, decimals: 2) } ?? "–",
        validation.map { share($0.top5, decimals: 2) } ?? "–",
      ]
    }
    cells += [
      significant(epoch.learningRate), rounded(epoch.imagesPerSecond), rounded(epoch.seconds),
    ]
    return element("tr", ["class": isBest ? "best" : nil]) {
      for cell in cells { element("td", ["class": "number"]) { cell } }
    }
  }
}
