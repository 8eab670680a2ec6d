/// What a run was made with, and how to run it again.
struct RunSettings: Sendable {
  /// Names and values, in the order to show them.
  let settings: [(name: String, value: String)]
  /// What a person would type.
  let command: String

  private static let longestSetting = 4096

  /// A table, and the command below it.
  var markup: Markup {
    DLAReport.markup {
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
