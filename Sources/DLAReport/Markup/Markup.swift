import DLAText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A part of a page, in the common syntax of HTML and XML.
///
/// Input can't become markup: names of elements and attributes are static strings, all other text is
/// escaped.
package struct Markup: Sendable {
  package let source: String

  private init(source: String) { self.source = source }

  init(joining parts: [Markup]) { self.init(source: parts.map(\.source).joined()) }

  /// Escaped text.
  ///
  /// - Returns: the text on one line, escaped, with invisible characters replaced.
  package static func text(_ text: String, limit: Int = 400) -> Markup {
    Markup(source: escaped(printable(text, limit: limit)))
  }

  /// Markup, style or script of this module.
  static func trusted(_ source: UnsafePointer<CChar>) -> Markup {
    Markup(source: String(cString: source))
  }

  /// An element; nil attributes are omitted.
  static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>, _ content: Markup
  ) -> Markup {
    var source = "<\(name)"
    for case (let name, let value?) in attributes {
      source += " \(name)=\"\(escaped(printable(value, limit: .max)))\""
    }
    // Browsers do not close an empty `<div/>`.
    let isVoid = voidElements.contains("\(name)")
    source += isVoid ? "/>" : ">\(content.source)</\(name)>"
    return Markup(source: source)
  }

  private static let voidElements: Set = ["br", "col", "img", "meta"]

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
/// Attributes that are nil are omitted; strings of the content are text.
package func element(
  _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
  @MarkupBuilder _ content: () -> Markup = { Markup(joining: []) }
) -> Markup {
  .element(name, attributes, content())
}

/// The result builder of element contents; strings are text.
@resultBuilder
package enum MarkupBuilder {
  package static func buildExpression(_ text: String) -> Markup { .text(text) }
  package static func buildExpression(_ markup: Markup) -> Markup { markup }
  package static func buildExpression(_ markup: [Markup]) -> Markup { Markup(joining: markup) }
  package static func buildBlock(_ parts: Markup...) -> Markup { Markup(joining: parts) }
  package static func buildArray(_ parts: [Markup]) -> Markup { Markup(joining: parts) }
  package static func buildOptional(_ part: Markup?) -> Markup { part ?? Markup(joining: []) }
  package static func buildEither(first part: Markup) -> Markup { part }
  package static func buildEither(second part: Markup) -> Markup { part }
}

package func markup(@MarkupBuilder _ content: () -> Markup) -> Markup { content() }

/// A file as a `data:` URL of a media type, for instance `image/png`.
func dataURL(_ bytes: [UInt8], type: StaticString) -> String {
  "data:\(type);base64," + Data(bytes).base64EncodedString()
}
