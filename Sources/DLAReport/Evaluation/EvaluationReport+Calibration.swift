import DLAData
import DLAText

extension EvaluationReport {
  /// Smaller differences count as calibrated.
  private static let smallDifference = 0.005

  var calibrationSection: Markup {
    let calibration = findings.calibration
    guard let accuracy = findings.tally.top1 else { return Self.nothing }
    return element("div", ["class": "sides"]) {
      ReliabilityDiagram(calibration: calibration).markup
      element("div") {
        element("p") {
          "Expected calibration error: "
          element("strong") { "\(fixed(calibration.error * 100, 2)) points" }
          ": the mean difference between the probability of a prediction and the accuracy, over "
          "\(calibration.bins.count) bins."
        }
        element("p") { verdict(calibration, accuracy) }
        element("p", ["class": "note"]) {
          element("span", ["class": "key right"])
          " Accuracy of the predictions in a bin. "
          element("span", ["class": "key confidence"])
          " Their mean probability: above the bar, the network is overconfident; below its top, "
          "underconfident. Bars of a calibrated network end at the dashed line. Below: the number "
          "of predictions."
        }
      }
    }
  }

  private func verdict(_ calibration: Calibration, _ accuracy: Double) -> String {
    let count = calibration.bins.reduce(0) { $0 + $1.count }
    let sum = calibration.bins.reduce(0) { $0 + ($1.confidence ?? 0) * Double($1.count) }
    let confidence = sum / Double(max(1, count))
    let difference = confidence - accuracy
    let words =
      abs(difference) < Self.smallDifference
      ? "calibrated on average"
      : "\(difference > 0 ? "overconfident" : "underconfident") by "
        + "\(fixed(abs(difference) * 100, 2)) points on average"
    return
      "The mean probability of a prediction is \(percent(confidence, decimals: 2)), the accuracy "
      + "is \(percent(accuracy, decimals: 2)): the network is \(words)."
  }
}
