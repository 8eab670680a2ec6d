/// Lets the content of an element be written as Swift, with `if` and `for`; strings are text.
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

/// Several elements one after another.
///
/// - Parameter content: the elements.
/// - Returns: all of them.
package func markup(@MarkupBuilder _ content: () -> Markup) -> Markup { content() }
