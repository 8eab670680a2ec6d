import DLAData
import DLAText

extension EvaluationReport {
  /// Differences below this are not worth a word, 0 to 1.
  private static let smallDifference = 0.005

  /// Whether the network is as often right as it says.
  var calibrationSection: Markup {
    let calibration = findings.calibration
    guard let accuracy = findings.tally.top1 else { return Self.nothing }
    return element("div", ["class": "sides"]) {
      ReliabilityDiagram(calibration: calibration).markup
      element("div") {
        element("p") {
          "Expected calibration error: "
          element("strong") { "\(fixed(calibration.error * 100, 2)) points" }
          ". That is how far the probability of an answer and the share of right answers are apart, "
          "on average over all answers in \(calibration.bins.count) bins."
        }
        element("p") { verdict(calibration, accuracy) }
        element("p", ["class": "note"]) {
          element("span", ["class": "key right"])
          " A bar is the share of right answers among those of about the same probability. "
          element("span", ["class": "key confidence"])
          " The line in its column is the mean of those probabilities: above the bar, the network "
          "is too sure; below its top, too careful. Were the network as often right as it says, "
          "all bars would end at the dashed line. Below, how many answers there are."
        }
      }
    }
  }

  private func verdict(_ calibration: Calibration, _ accuracy: Double) -> String {
    let answers = calibration.bins.reduce(0) { $0 + $1.count }
    let sum = calibration.bins.reduce(0) { $0 + ($1.confidence ?? 0) * Double($1.count) }
    let confidence = sum / Double(max(1, answers))
    let difference = confidence - accuracy
    let words =
      abs(difference) < Self.smallDifference
      ? "about as often as it says"
      : "\(fixed(abs(difference) * 100, 2)) points \(difference > 0 ? "less" : "more") than it says"
    return "On average the network gives its answer a probability of "
      + "\(percent(confidence, decimals: 2)), and is right in \(percent(accuracy, decimals: 2)) of "
      + "all cases: \(words)."
  }
}
