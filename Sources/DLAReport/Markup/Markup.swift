import DLAText

/// A part of a page, in the syntax that HTML and XML share.
///
/// Nothing that comes from outside can be taken for markup: names of elements and attributes are
/// constants of this project, and whatever else gets in is escaped on its way.
package struct Markup: Sendable {
  /// The characters to write.
  package let source: String

  private init(source: String) { self.source = source }

  /// Parts one after another.
  init(joining parts: [Markup]) {
    self.init(source: parts.map(\.source).joined())
  }

  /// Text as it is to be read, whatever characters it holds.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - limit: the most characters that are shown.
  /// - Returns: the text, escaped; on one line, with hidden characters made visible.
  package static func text(_ text: String, limit: Int = 400) -> Markup {
    Markup(source: escaped(printable(text, limit: limit)))
  }

  /// Markup, style or script that this project's source holds.
  static func trusted(_ source: StaticString) -> Markup { Markup(source: "\(source)") }

  /// An element with attributes; those that are nil are left out.
  static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>, _ content: Markup
  ) -> Markup {
    var source = "<\(name)"
    for case (let name, let value?) in attributes {
      source += " \(name)=\"\(escaped(printable(value, limit: .max)))\""
    }
    // A browser takes an empty `<div/>` for one that is never closed.
    let isVoid = voidElements.contains("\(name)")
    source += isVoid ? "/>" : ">\(content.source)</\(name)>"
    return Markup(source: source)
  }

  private static let voidElements: Set = ["br", "col", "img", "meta"]

  /// Text without the characters that mean something to a browser.
  private static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// An element of a page, for instance `element("td", ["class": "number"]) { "12" }`.
///
/// - Parameters:
///   - name: what it is.
///   - attributes: in their order; those that are nil are left out.
///   - content: what is in it; strings are text.
/// - Returns: the element.
package func element(
  _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
  @MarkupBuilder _ content: () -> Markup = { Markup(joining: []) }
) -> Markup {
  .element(name, attributes, content())
}
