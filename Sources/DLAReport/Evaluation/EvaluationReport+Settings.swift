import DLACore
import DLAData

extension EvaluationReport {
  private static let longestSetting = 4096

  /// Samples that no answer was given for, and why.
  var failedSection: Markup {
    let (failed, shown) = (findings.tally.failed, findings.failures.count)
    return markup {
      element("p", ["class": "note"]) {
        "\(counted(failed, "picture", "pictures")) could not be read, or had no label that is a "
        "class. They do not count in any figure above."
        if shown < failed { " The first \(shown) are:" }
      }
      element("ol", ["class": "failures"]) {
        for message in findings.failures { element("li") { name(message, limit: 400) } }
      }
    }
  }

  /// What the run was made with, and how to run it again.
  var settingsSection: Markup {
    markup {
      element("table", ["class": "settings"]) {
        element("tbody") {
          for setting in settings {
            element("tr") {
              element("th", ["scope": "row"]) { setting.name }
              element("td") { name(setting.value, limit: Self.longestSetting) }
            }
          }
        }
      }
      element("h3") { "Run it again" }
      element("pre") { Markup.text(command, limit: Self.longestSetting) }
    }
  }
}
