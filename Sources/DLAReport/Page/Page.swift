/// A page that holds all it shows: nothing is loaded when it is opened.
///
/// It is HTML that is well-formed XML too, reads without scripts, and follows the reader's choice of
/// light or dark.
package struct Page {
  /// A part of the page with a heading, which the list at the top leads to.
  package struct Section {
    /// What addresses call it.
    package let id: StaticString
    /// Its heading.
    package let title: String
    /// What stands below the heading.
    package let content: Markup

    /// Describes a part.
    package init(id: StaticString, title: String, content: Markup) {
      self.id = id
      self.title = title
      self.content = content
    }
  }

  /// What a browser's tab says.
  package let title: String
  /// The name of the page and what stands below it, before the first section.
  package let opening: Markup
  /// The sections in their order.
  package let sections: [Section]
  /// The last line.
  package let footer: String

  /// Describes a page.
  package init(title: String, opening: Markup, sections: [Section], footer: String) {
    self.title = title
    self.opening = opening
    self.sections = sections
    self.footer = footer
  }

  /// The whole document.
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

  /// Nothing may be loaded or sent, and no script may run but ours, whatever stands in the page.
  private static var policy: String {
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
      + "script-src 'sha256-\(scriptHash)'; base-uri 'none'; form-action 'none'"
  }
}
