import DLAReport
import DLASystem
import Testing

struct LineChartTests {
  @Test(
    arguments: [
      ([0.2, 1.7], ["0", "0.5", "1.0", "1.5", "2.0"]),
      ([6.9, 1.2], ["0", "2", "4", "6", "8"]),
      ([71, 79], ["70", "72", "74", "76", "78", "80"]),
      ([-3, 12], ["-5", "0", "5", "10", "15"]),
      ([], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([0], ["-0.6", "-0.4", "-0.2", "0", "0.2", "0.4", "0.6"]),
      ([2e-7, 9e-7], ["0", "2·10⁻⁷", "4·10⁻⁷", "6·10⁻⁷", "8·10⁻⁷", "10⁻⁶"]),
      ([0, 12_000_000], ["0", "5·10⁶", "10⁷", "1.5·10⁷"]),
    ] as [([Double], [String])])
  func evenAxesHaveRoundTicks(values: [Double], texts: [String]) {
    let axis = Axis(of: values, from: 100, to: 0)
    #expect(!axis.isLogarithmic)
    #expect(axis.ticks.map(\.text) == texts)
    #expect(axis.ticks.first.flatMap { axis($0.value) } == 100)
    #expect(axis.ticks.last.flatMap { axis($0.value) } == 0)
  }

  @Test func axesAreLogarithmicWhereThatShowsMore() throws {
    // Steps by a tenth after each third of the time, and a cosine to nothing.
    let steps = (0..<90).map { $0 < 30 ? 0.1 : $0 < 60 ? 0.01 : 0.001 }
    let axis = Axis(of: steps, from: 100, to: 0)
    #expect(axis.isLogarithmic)
    #expect(axis.ticks.map(\.text) == ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1"])
    #expect(axis(0.001) == 100 && axis(0.1) == 0)
    #expect(abs(try #require(axis(0.01)) - 50) < 1e-9)
    #expect(axis(0) == nil && axis(-1) == nil)
    let cosine = (0...90).map { 0.05 * (1 + Platform.cosine(.pi * Double($0) / 90)) }
    #expect(!Axis(of: cosine, from: 100, to: 0).isLogarithmic)
    #expect(!Axis(of: steps, from: 100, to: 0, isEven: true).isLogarithmic)
    // Were it not, one value would hide all others.
    #expect(Axis(of: Array(repeating: 1, count: 99) + [1e6], from: 100, to: 0).isLogarithmic)
    #expect(!Axis(of: steps + [-1], from: 100, to: 0).isLogarithmic)
    #expect(!Axis(of: Array(repeating: 0, count: 60) + [0.1, 0.1], from: 1, to: 0).isLogarithmic)
    let long = Axis(of: [1e-12, 1e-11, 1e-10, 1], from: 100, to: 0)
    #expect(long.ticks.map(\.text) == ["10⁻¹²", "10⁻⁹", "10⁻⁶", "0.001", "1"])
  }

  @Test func numbersThatNoAxisCanHoldHaveNoPlace() {
    let wild = [
      .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude, 1e101, 0.5, 1,
    ]
    let axis = Axis(of: wild, from: 100, to: 0)
    #expect(axis.ticks.map(\.text) == ["0.5", "0.6", "0.7", "0.8", "0.9", "1.0"])
    #expect(wild.compactMap { axis($0) }.count == 2)
    for pair in [[-1e100, 1e100], [1e-100, 1e100], [1, 1 + 1e-15], [1e100, 1e100], [-1e-100]] {
      let axis = Axis(of: pair, from: 100, to: 0)
      #expect((2...10).contains(axis.ticks.count), "\(pair): \(axis.ticks)")
      #expect(pair.allSatisfy { axis($0).map((0...100).contains) ?? false }, "\(pair)")
    }
  }

  @Test func curvesHaveGaps() {
    let chart = LineChart(
      title: "x", xName: "epoch",
      series: [
        .init(
          "a", .first, points: [(0, 0), (1, 1), (2, .nan), (3, 1), (4, .infinity), (5, 1), (10, 0)])
      ])
    #expect(paths(chart, "plain") == ["M0 280L100 0M300 0h0M500 0L1000 280"])
    #expect(paths(chart, "dots") == ["M0 280h0M100 0h0M300 0h0M500 0h0M1000 280h0"])
  }

  /// Of a million points about a thousand stay, and the one that is not like the others.
  @Test func longCurvesKeepWhatStandsOut() throws {
    var points = (0..<1_000_000).map { (x: Double($0), y: Double($0 % 2)) }
    points[654_321].y = 2
    points[123_456].y = .nan
    let path = try #require(paths(chart(points), "plain").first)
    let places = path.split { $0 == "M" || $0 == "L" }.map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    #expect((1000...1002).contains(places.count))
    #expect(places.filter { $0.last == 0 }.map(\.first) == [654.3])
    #expect(path.split(separator: "M").count == 2)
    #expect(places.allSatisfy { $0.count == 2 && (0...1000).contains($0[0]) })
    #expect(paths(chart(points.shuffled()), "plain") == [path])
  }

  /// However the gaps lie, a drawing stays small.
  @Test func curvesOfGapsStaySmall() throws {
    let points = (0..<100_000).map { (x: Double($0), y: $0 % 2 == 0 ? Double.nan : 1) }
    let path = try #require(paths(chart(points), "plain").first)
    #expect(path.split(separator: "M").count <= 501)
    let nothing = chart(points.map { ($0.x, .nan) })
    #expect(paths(nothing, "plain") == [""])
  }

  @Test func spotsStayInTheChart() throws {
    let chart = LineChart(
      title: "a <title>", xName: "epoch",
      series: [.init("<b>", .second, .dashed, points: [(1, 1), (2, 2)])],
      notes: [(0.5...1.5, "one"), (1.5...2.5, "<two>")])
    let root = try parsePage(chart.markup(in: "div"))
    let spots = root.all("rect", "spot")
    #expect(spots.map { $0.attributes["x"] } == ["250", "750"])
    #expect(spots.map { $0.attributes["width"] } == ["500", "250"])
    #expect(spots.map(\.text) == ["one", "<two>"])
    #expect(root.all("svg", "chart").first?.attributes["aria-label"] == "a <title>")
    #expect(root.all("div", "legend").map(\.text) == ["<b>"])
  }

  private func chart(_ points: [(x: Double, y: Double)]) -> LineChart {
    LineChart(title: "x", xName: "x", series: [.init("a", .first, points: points)])
  }

  /// The curves of a chart, without their pieces in the legend.
  private func paths(_ chart: LineChart, _ look: String) -> [String] {
    guard let root = try? parsePage(chart.markup(in: "div")) else { return [] }
    return root.all("svg", "curves").flatMap { $0.all("path", look) }
      .compactMap { $0.attributes["d"] }
  }
}

extension LineChart {
  /// The chart as a document of its own.
  fileprivate func markup(in name: StaticString) -> String {
    element(name) { markup }.source
  }
}
