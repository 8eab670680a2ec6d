import DLAHub
import DLAReport
import Foundation
import Testing

struct PageTests {
  private let page = Page(
    title: "A & B", opening: element("h1") { "A & B" },
    sections: [.init(id: "one", title: "One", content: element("p") { "first" })],
    footer: "made"
  ).html

  @Test func pagesAreWellFormed() throws {
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    let root = try parsePage(page)
    #expect(root.all("title").map(\.text) == ["A & B"])
    #expect(root.all("nav").flatMap { $0.all("a") }.map { $0.attributes["href"] } == ["#one"])
    #expect(root.element("one")?.text == "Onefirst")
    #expect(root.all("footer").map(\.text) == ["made"])
  }

  @Test func nothingIsLoaded() throws {
    let root = try parsePage(page)
    let policy = try #require(
      root.all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?
        .attributes["content"])
    #expect(policy.hasPrefix("default-src 'none'; img-src data:; "))
    for element in ["link", "iframe", "object", "base", "form"] {
      #expect(root.all(element).isEmpty)
    }
    #expect(!page.contains("http://") && !page.contains("https://"))
    let style = try #require(root.all("style").first).text
    #expect(!style.contains("url(") && !style.contains("@import"))
  }

  /// Browsers run a script only if its hash is the one that the page allows.
  @Test func theScriptIsTheOneThatMayRun() throws {
    let root = try parsePage(page)
    #expect(root.all("script").count == 1)
    let script = Array(try #require(root.all("script").first).text.utf8)
    var hash = SHA256()
    script.withUnsafeBytes { hash.append($0) }
    let digits = Array(hash.hexadecimal())
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    #expect(page.contains("script-src &#39;sha256-\(Data(bytes).base64EncodedString())&#39;"))
    // HTML reads a script to the first end tag and takes no escapes; XML does.
    #expect(!script.contains(UInt8(ascii: "<")) && !script.contains(UInt8(ascii: "&")))
  }
}
