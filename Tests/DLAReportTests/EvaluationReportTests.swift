import DLAData
import DLAReport
import Testing

struct EvaluationReportTests {
  /// Pages are well-formed, and hold no URL and no `nan`, `inf` or `Optional`.
  @Test(arguments: [1, 2, 10, 30, 31, 300, 1000])
  func pagesAreWholeWhateverTheNumberOfClasses(classes: Int) throws {
    let findings = someFindings(classes: classes, samples: 3 * classes + 20)
    let html = try report(findings).html()
    let root = try parsePage(html)
    #expect(root.all("h2").map(\.text).count == 6)
    #expect(!html.contains("://"))
    let words =
      root.all("body").map(\.text).joined() + root.all("svg").map { "\($0.numbers)" }.joined()
    for word in ["nan", "inf", "Optional"] {
      #expect(
        !words.lowercased().split { !$0.isLetter }.contains { $0 == word.lowercased() }, "\(word)")
    }
    // Every class has its row in the table of all.
    let section = try #require(root.element("classes"))
    let table = try #require(section.all("table").last)
    #expect(
      table.rows.map(\.last).compactMap { $0.flatMap(Int.init) }.sorted() == Array(0..<classes))
    #expect(
      table.rows.reduce(0) { $0 + (Int($1[3].replacing(",", with: "")) ?? 0) }
        == findings.tally.images)
  }

  @Test func theDrawnMatrixHoldsAllCounts() throws {
    let findings = someFindings(classes: 12, samples: 500)
    let matrix = try #require(findings.matrix)
    let section = try #require(try parsePage(report(findings).html()).element("confusions"))
    let counts = section.all("text", "count").compactMap { Int($0.text) }
    #expect(counts.reduce(0, +) == findings.tally.images)
    #expect(counts.count == (0..<144).count { matrix[$0 / 12, $0 % 12] > 0 })
    #expect(section.all("rect", "right").count + section.all("rect", "wrong").count == counts.count)
    #expect(section.all("rect", "cell").count == 144)
    let opacities = section.all("rect", "cell").compactMap { $0.attributes["fill-opacity"] }
    #expect(opacities.allSatisfy { Double($0).map((0...1).contains) ?? false })
  }

  @Test func theMostFrequentConfusionsAreListedInOrder() throws {
    var findings = EvaluationFindings(classes: 40)
    for class_ in 0..<40 {
      for _ in 0...class_ {
        findings.add(classified("x", label: class_, [((class_ + 1) % 40, 0.9)]))
      }
      findings.add(classified("x", label: class_, [(class_, 0.9)]))
    }
    let section = try #require(try parsePage(report(findings).html()).element("confusions"))
    let rows = try #require(section.all("table").first).rows
    #expect(rows.count == 20)
    #expect(rows.first == ["class 39", "class 0", "40", "97.6\u{A0}%"])
    #expect(rows.map { $0[2] } == (21...40).reversed().map { "\($0)" })
  }

  @Test func worstClassesComeFirst() throws {
    var findings = EvaluationFindings(classes: 3)
    for (label, prediction) in [(0, 0), (1, 2), (1, 1), (0, 0)] {
      findings.add(classified("x", label: label, [(prediction, 0.6)]))
    }
    let names = ClassNames(count: 3, names: ["cat", "dog", "bus"])
    let section = try #require(
      try parsePage(report(findings, classes: names).html()).element("classes"))
    #expect(
      section.all("table").first?.rows == [
        ["dog", "50.0\u{A0}%", "bus 50.0\u{A0}%", "2", "1"],
        ["cat", "100.0\u{A0}%", "–", "2", "0"], ["bus", "–", "–", "0", "2"],
      ])
  }

  @Test func hostileTextStaysText() throws {
    let hostile = "</script><img src=x onerror=alert(1)>\u{202E}\0&amp;\"'"
    var findings = EvaluationFindings(classes: 2)
    findings.add(classified("\(hostile).jpg", label: 0, [(1, 0.9)]))
    findings.add(Outcome(name: hostile, label: nil, classification: .failed("\(hostile): is gone")))
    var page = report(
      findings,
      classes: ClassNames(count: 2, names: [hostile, "<b>"], identifiers: [hostile, "'>"]))
    page.model = hostile
    page.data = hostile
    page.settings = [("weights", hostile)]
    page.command = hostile
    page.origin = hostile
    let html = try page.html()
    let root = try parsePage(html)
    #expect(root.all("script").count == 1 && root.all("img").isEmpty && root.all("b").isEmpty)
    #expect(!html.contains("<img") && !html.unicodeScalars.contains("\u{202E}"))
    for id in ["classes", "confusions", "mistakes", "failed", "settings"] {
      let text = try #require(root.element(id)).text
      #expect(text.contains("</script><img src=x"), "\(id): \(text)")
    }
    #expect(root.all("h1").first?.text.contains("onerror=alert(1)>\\u{202e}\\u{0}&amp;\"'") == true)
  }

  @Test func anEvaluationWithoutResultsHasAPage() throws {
    let empty = try parsePage(report(EvaluationFindings(classes: 5)).html())
    #expect(empty.text.contains("No image was classified."))
    #expect(empty.element("failed") == nil)

    var findings = EvaluationFindings(classes: 5)
    for number in 0..<120 {
      findings.add(
        Outcome(name: "\(number)", label: 1, classification: .failed("\(number): is gone")))
    }
    let failed = try parsePage(report(findings).html())
    let section = try #require(failed.element("failed"))
    #expect(section.all("li").count == 100)
    #expect(section.text.contains("120 images") && section.text.contains("The first 100:"))
    #expect(failed.element("classes")?.all("table").first?.rows.count == 5)
  }

  @Test func missingImagesHaveAPlaceholder() throws {
    var findings = EvaluationFindings(classes: 3)
    findings.add(classified("a/large.jpg", label: 0, [(1, 0.9), (0, 0.0625)]))
    findings.add(classified("a/tiny.jpg", label: 0, [(2, 0.8)]))
    findings.add(classified("a/gone.jpg", label: 0, [(1, 0.7)]))
    func image(_ side: Int) -> RGBImage {
      RGBImage(width: side, height: side, pixels: Array(repeating: 200, count: side * side * 3))
    }
    let root = try parsePage(report(findings, images: [0: image(128), 1: image(32)]).html())
    let cards = try #require(root.element("mistakes")).all("figure")
    let addresses = cards.map { $0.all("img").first?.attributes["src"] }
    #expect(addresses.count == 3)
    #expect(addresses[0]?.hasPrefix("data:image/jpeg;base64,/9j/") == true)
    #expect(addresses[1]?.hasPrefix("data:image/png;base64,iVBORw0KGgo") == true)
    #expect(addresses[2] == nil && cards[2].text.contains("can’t be read"))
    #expect(cards[0].text.contains("class 1 90.0\u{A0}%label: class 0 6.3\u{A0}%large.jpg"))
    #expect(cards[1].text.contains("not in its Top-5"))
  }

  @Test func calibrationIsDescribed() throws {
    var findings = EvaluationFindings(classes: 2)
    for number in 0..<10 { findings.add(classified("x", label: 0, [(number < 6 ? 0 : 1, 0.75)])) }
    let section = try #require(try parsePage(report(findings).html()).element("calibration"))
    #expect(section.text.contains("Expected calibration error: 15.00 points"))
    #expect(
      section.text.contains(
        "is 60.00\u{A0}%: the network is overconfident by 15.00 points on average"))
    #expect(section.all("rect", "bin").count == 1)
  }

  @Test func aLargeMatrixIsOmitted() throws {
    var findings = EvaluationFindings(classes: ConfusionMatrix.maxClasses + 1)
    findings.add(classified("a", label: 4000, [(1, 0.5)]))
    let section = try #require(try parsePage(report(findings).html()).element("confusions"))
    #expect(section.text.contains("limited to 4,096 classes, there are 4,097"))
    #expect(section.all("svg").isEmpty && section.all("table").isEmpty)
  }
}
