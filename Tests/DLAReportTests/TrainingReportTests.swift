import DLAReport
import DLATraining
import Testing

struct TrainingReportTests {
  /// Pages are well-formed, and hold no URL and no `nan`, `inf` or `Optional`.
  @Test(arguments: [0, 1, 2, 5, 90, 200, 201, 499, 1203])
  func pagesAreWholeWhateverTheNumberOfEpochs(epochs: Int) throws {
    let log = someLog(epochs: epochs, entriesPerEpoch: 4)
    let html = trainingReport(log, epochs: epochs).html()
    let root = try parsePage(html)
    #expect(root.all("h2").map(\.text).count == 5)
    #expect(!html.contains("://"))
    let words =
      root.all("body").map(\.text).joined() + root.all("svg").map { "\($0.numbers)" }.joined()
    for word in ["nan", "inf", "Optional"] {
      #expect(
        !words.lowercased().split { !$0.isLetter }.contains { $0 == word.lowercased() }, "\(word)")
    }
    #expect(root.all("svg", "chart").count == (epochs == 0 ? 0 : 3))
    let rows = root.element("epochs")?.all("table").first?.rows ?? []
    #expect(rows.count <= 502 && (epochs > 500 || rows.count == epochs))
    let last = rows.last?.first?.replacing(",", with: "")
    #expect(last == (epochs == 0 ? nil : "\(epochs)"))
    #expect(root.all("rect", "spot").count <= 3 * 200)
    #expect(html.utf8.count < 400_000)
  }

  @Test func figuresAreThoseOfTheBestEpoch() throws {
    func epoch(_ number: Int, _ top1: Double) -> TrainingRecord {
      .epoch(
        EpochRecord(
          epoch: number, step: number * 5004, loss: 2, top1: 0.5, learningRate: 0.1,
          imagesPerSecond: 400,
          seconds: 3600, validation: .init(loss: 1.25, top1: top1, top5: 0.9, images: 10_000)))
    }
    let log = [epoch(1, 0.5), epoch(2, 0.7457), epoch(3, .nan), epoch(4, 0.7457), epoch(5, 0.7)]
    let root = try parsePage(trainingReport(log, epochs: 12).html())
    let figures = root.all("div", "figure").map { $0.children.map(\.text) }
    #expect(
      figures == [
        ["Best Top-1", "74.57\u{A0}%", "95% CI 73.71 to 75.41, epoch 2"],
        ["Top-5", "90.00\u{A0}%", "of the same epoch"],
        ["Loss", "1.2500", "of the same epoch, nats"],
        ["Epochs", "5 of 12", "25,020 updates"],
        ["Time", "5 h 0 min", "without validation"],
        ["Speed", "400", "images/s in training"],
      ])
    #expect(root.all("title").first?.text == "dla34: Top-1 74.57\u{A0}%")
    #expect(root.all("tr", "best").map { $0.children.first?.text } == ["2"])
    let accuracy = try #require(root.element("accuracy"))
    #expect(accuracy.all("path", "best").count == 2)
    #expect(accuracy.text.contains("1 value is not finite and left out."))
  }

  @Test func aTrainingWithoutValidationShowsItsOwn() throws {
    let log = someLog(epochs: 3, hasValidation: false)
    let root = try parsePage(trainingReport(log).html())
    #expect(root.all("div", "figure").first?.children.first?.text == "Top-1 in training")
    #expect(root.all("path", "second").isEmpty && root.all("tr", "best").isEmpty)
    #expect(root.element("epochs")?.all("th").count == 6)
  }

  @Test func aLogOfUpdatesAloneIsDrawn() throws {
    let log = Array(someLog(epochs: 1).prefix(7))
    let root = try parsePage(trainingReport(log).html())
    #expect(root.all("svg", "chart").count == 3 && root.all("rect", "spot").isEmpty)
    #expect(root.element("epochs")?.text.contains("The log has no entries yet.") == true)
    #expect(root.all("div", "figure").map { $0.children[1].text }[2] == "0 of 90")
  }

  @Test func tablesHoldTheNumbers() throws {
    let record = EpochRecord(
      epoch: 7, step: 70, loss: 1.23456, top1: 0.5, learningRate: 3.2e-6, imagesPerSecond: 99.94,
      seconds: 12_345.6, unreadable: 3,
      validation: .init(loss: .infinity, top1: 0.25, top5: .nan, images: 0))
    let section = try #require(
      try parsePage(trainingReport([.epoch(record)]).html()).element("epochs"))
    #expect(
      section.all("table").first?.rows == [
        [
          "7", "1.2346", "50.00\u{A0}%", "–", "25.00\u{A0}%", "–", "3.20e-6", "99.9", "12,346",
        ]
      ])
    #expect(section.text.contains("Up to 3 images per epoch could not be read."))
  }

  @Test func stepsThatFallByTenthsHaveALogarithmicAxis() throws {
    let log = someLog(epochs: 9).map { record -> TrainingRecord in
      guard case .step(var step) = record else { return record }
      step.learningRate = step.epoch < 3 ? 0.1 : step.epoch < 6 ? 0.01 : 0.001
      return .step(step)
    }
    let note = "The axis is logarithmic."
    let root = try parsePage(trainingReport(log).html())
    #expect(root.element("rate")?.text.contains(note) == true)
    #expect(root.element("loss")?.text.contains(note) == false)
    #expect(root.element("accuracy")?.text.contains(note) == false)
  }

  @Test func wildNumbersBreakNothing() throws {
    let wild = [
      Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude, 0, -1, 1e18,
    ]
    var log: [TrainingRecord] = []
    for value in wild {
      log.append(
        .step(
          StepRecord(
            step: .max, epoch: value, loss: value, top1: value, learningRate: value,
            imagesPerSecond: value)
        ))
      for images in [0, 1, Int.max] {
        log.append(
          .epoch(
            EpochRecord(
              epoch: images, step: .max, loss: value, top1: value, learningRate: value,
              imagesPerSecond: value, seconds: value, unreadable: .max,
              validation: .init(loss: value, top1: value, top5: value, images: images))))
      }
    }
    for count in 1...log.count {
      _ = try parsePage(trainingReport(Array(log[..<count])).html())
      _ = try parsePage(trainingReport([log[count - 1]]).html())
    }
  }

  @Test func hostileTextStaysText() throws {
    let hostile = "</script><img src=x onerror=alert(1)>\u{202E}\0&amp;\"'"
    var page = trainingReport(someLog(epochs: 2))
    page.model = hostile
    page.data = hostile
    page.settings = [(hostile, hostile)]
    page.command = hostile
    page.origin = hostile
    let html = page.html()
    let root = try parsePage(html)
    #expect(root.all("script").count == 1 && root.all("img").isEmpty)
    #expect(!html.contains("<img") && !html.unicodeScalars.contains("\u{202E}"))
    let settings = try #require(root.element("settings")).text
    #expect(settings.ranges(of: "</script><img src=x").count == 3)
    #expect(root.all("h1").first?.text.contains("onerror=alert(1)>\\u{202e}\\u{0}&amp;\"'") == true)
  }
}
