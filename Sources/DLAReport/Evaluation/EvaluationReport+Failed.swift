import DLAData
import DLAText

extension EvaluationReport {
  /// Samples that no answer was given for, and why.
  var failedSection: Markup {
    let (failed, shown) = (findings.tally.failed, findings.failures.count)
    return markup {
      element("p", ["class": "note"]) {
        "\(counted(failed, "image", "images")) could not be read, or had no label that is a "
        "class. They do not count in any figure above."
        if shown < failed { " The first \(shown) are:" }
      }
      element("ol", ["class": "failures"]) {
        for message in findings.failures { element("li") { name(message, limit: 400) } }
      }
    }
  }
}
