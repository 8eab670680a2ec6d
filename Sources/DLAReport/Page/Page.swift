/// A self-contained HTML page: nothing is loaded when it is opened.
///
/// It is well-formed XML too, works without scripts, and supports light and dark color schemes.
package struct Page {
  /// A part of the page, linked from the list at the top.
  package struct Section {
    /// The anchor.
    package let id: StaticString
    /// Its heading.
    package let title: String
    /// The content below the heading.
    package let content: Markup

    /// Creates a section.
    package init(id: StaticString, title: String, content: Markup) {
      self.id = id
      self.title = title
      self.content = content
    }
  }

  /// The title of the document.
  package let title: String
  /// The content before the first section.
  package let opening: Markup
  /// The sections in order.
  package let sections: [Section]
  /// The last line.
  package let footer: String

  /// Creates a page.
  package init(title: String, opening: Markup, sections: [Section], footer: String) {
    self.title = title
    self.opening = opening
    self.sections = sections
    self.footer = footer
  }

  /// The complete document.
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
        element("script") { Self.script }
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
      element("style") { Self.style }
    }
  }

  private var contents: Markup {
    element("nav", ["aria-label": "Sections"]) {
      for section in sections {
        element("a", ["href": "#\(section.id)"]) { section.title }
      }
    }
  }

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

/// Settings and command line of a run.
struct RunSettings: Sendable {
  /// Names and values in order.
  let settings: [(name: String, value: String)]
  /// The command line.
  let command: String

  private static let maxLength = 4096

  /// A table and the command line.
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
