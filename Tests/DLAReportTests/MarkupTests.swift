import DLAReport
import Testing

struct MarkupTests {
  @Test func textStaysText() {
    let text = Markup.text("</script><b>\"Q&A\"</b> it's")
    #expect(text.source == "&lt;/script&gt;&lt;b&gt;&quot;Q&amp;A&quot;&lt;/b&gt; it&#39;s")
    let attribute = element("td", ["title": "\" onclick='x' <&>"])
    #expect(attribute.source == "<td title=\"&quot; onclick=&#39;x&#39; &lt;&amp;&gt;\"></td>")
  }

  @Test func hiddenCharactersAreShown() {
    #expect(Markup.text("a\0b\nc\u{202E}d").source == "a\\u{0}b\\u{a}c\\u{202e}d")
    #expect(element("i", ["title": "\u{1B}[2J"]).source == "<i title=\"\\u{1b}[2J\"></i>")
    // XML allows no such characters, however they are written.
    #expect(Markup.text("\u{FFFF}").source == "\\u{ffff}")
  }

  @Test func longTextIsCut() {
    let long = String(repeating: "x", count: 1000)
    #expect(Markup.text(long, limit: 10).source == "xxxxxxxxxx…")
    #expect(Markup.text(long).source.count == 401)
  }

  @Test func elementsHoldWhatSwiftSays() {
    let isShown = false
    let list = element("ul", ["class": nil, "id": "l"]) {
      for item in ["<", "b"] { element("li") { item } }
      if isShown { element("li") { "hidden" } }
      if isShown { "no" } else { "yes" }
    }
    #expect(list.source == "<ul id=\"l\"><li>&lt;</li><li>b</li>yes</ul>")
    #expect(element("br").source == "<br/>")
    #expect(element("div").source == "<div></div>")
  }
}
