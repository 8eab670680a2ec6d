import CDLAReportPage

/// A self-contained HTML page: nothing is loaded when it is opened.
///
/// It is well-formed XML too, works without scripts, and supports light and dark color schemes.
package struct Page {
  /// A part of the page, linked from the list at the top.
  package struct Section {
    package let id: StaticString
    package let title: String
    package let content: Markup

    package init(id: StaticString, title: String, content: Markup) {
      (self.id, self.title, self.content) = (id, title, content)
    }
  }

  package let title: String
  package let opening: Markup
  package let sections: [Section]
  package let footer: String

  package init(title: String, opening: Markup, sections: [Section], footer: String) {
    (self.title, self.opening, self.sections, self.footer) = (title, opening, sections, footer)
  }

  package var html: String {
    let page = element("html", ["lang": "en"]) {
      head
      element("body") {
        element("main") {
          element("header") { opening }
          contents
          for section in sections {
            element("section", ["id": "\(section.id)"]) {
              element("h2") { section.title }
              section.content
            }
          }
          element("footer") { footer }
        }
        element("script") { Markup.trusted(dla_page_script()) }
      }
    }
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private var head: Markup {
    element("head") {
      element("meta", ["charset": "utf-8"])
      element("meta", ["http-equiv": "Content-Security-Policy", "content": Self.policy])
      element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      element("meta", ["name": "color-scheme", "content": "light dark"])
      element("meta", ["name": "referrer", "content": "no-referrer"])
      element("title") { title }
      element("style") { Markup.trusted(dla_page_style()) }
    }
  }

  private var contents: Markup {
    element("nav", ["aria-label": "Sections"]) {
      for section in sections {
        element("a", ["href": "#\(section.id)"]) { section.title }
      }
    }
  }

  /// The SHA-256 of the script in Base64; a test checks it.
  private static let scriptHash = "ZT4u8A6uh7RVWgOUcYGQpoVdYTERxCB5tMhFu+anJVE="

  /// Nothing may be loaded or sent, and only the script of this module may run.
  private static var policy: String {
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
      + "script-src 'sha256-\(scriptHash)'; base-uri 'none'; form-action 'none'"
  }
}

/// A main result at the top of a page.
func figure(_ name: String, _ value: String, _ more: String, isFirst: Bool = false) -> Markup {
  element("div", ["class": isFirst ? "figure first" : "figure"]) {
    element("div", ["class": "name"]) { name }
    element("div", ["class": "value"]) { value }
    element("div", ["class": "more"]) { more }
  }
}

struct RunSettings: Sendable {
  let settings: [(name: String, value: String)]
  let command: String

  private static let maxLength = 4096

  var markup: Markup {
    DLAReport.markup {
      element("table", ["class": "settings"]) {
        element("tbody") {
          for setting in settings {
            element("tr") {
              element("th", ["scope": "row"]) { setting.name }
              element("td") { name(setting.value, limit: Self.maxLength) }
            }
          }
        }
      }
      element("h3") { "Command" }
      element("pre") { Markup.text(command, limit: Self.maxLength) }
    }
  }
}
