/// A number that people look for first, at the top of a page.
///
/// - Parameters:
///   - name: what it is.
///   - value: the number.
///   - more: what else to know of it.
///   - isFirst: whether it is the one that matters most.
/// - Returns: its box.
func figure(_ name: String, _ value: String, _ more: String, isFirst: Bool = false) -> Markup {
  element("div", ["class": isFirst ? "figure first" : "figure"]) {
    element("div", ["class": "name"]) { name }
    element("div", ["class": "value"]) { value }
    element("div", ["class": "more"]) { more }
  }
}
