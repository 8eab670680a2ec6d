import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a page, as a parser that knows nothing of it reads it.
final class PageElement {
  let name: String
  let attributes: [String: String]
  fileprivate(set) var children: [PageElement] = []
  /// The text in it and in all elements below.
  fileprivate(set) var text = ""

  fileprivate init(_ name: String, _ attributes: [String: String]) {
    (self.name, self.attributes) = (name, attributes)
  }

  /// This element and all below that have a name and a class, in order.
  func all(_ name: String, _ kind: String? = nil) -> [PageElement] {
    let kinds = (attributes["class"] ?? "").split(separator: " ").map(String.init)
    let isOne = self.name == name && (kind.map(kinds.contains) ?? true)
    return (isOne ? [self] : []) + children.flatMap { $0.all(name, kind) }
  }

  func element(_ id: String) -> PageElement? {
    attributes["id"] == id ? self : children.lazy.compactMap { $0.element(id) }.first
  }

  /// The attributes of this element and all below, without images.
  var numbers: [String] {
    attributes.values.filter { !$0.hasPrefix("data:") } + children.flatMap(\.numbers)
  }

  /// The texts of the cells of a table's body, row by row.
  var rows: [[String]] {
    all("tbody").flatMap { $0.all("tr") }.map { row in row.children.map(\.text) }
  }
}

struct MalformedPage: Error {
  let line: Int
  let reason: String
}

/// Reads a page; `DOCTYPE html` is the only thing in it that XML does not know.
func parsePage(_ html: String) throws -> PageElement {
  let reader = PageReader()
  let parser = XMLParser(data: Data(html.utf8))
  parser.delegate = reader
  guard parser.parse(), let root = reader.root else {
    throw MalformedPage(
      line: parser.lineNumber, reason: parser.parserError.map { "\($0)" } ?? "nothing in it")
  }
  return root
}

private final class PageReader: NSObject, XMLParserDelegate {
  var root: PageElement?
  private var open: [PageElement] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    let element = PageElement(name, attributes)
    open.last?.children.append(element)
    if root == nil { root = element }
    open.append(element)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for element in open { element.text += text }
  }
}
