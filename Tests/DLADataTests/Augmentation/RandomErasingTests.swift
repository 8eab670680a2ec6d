import DLAData
import DLATensor
import Testing

@Suite struct RandomErasingTests {
  @Test(arguments: try Drawn.erasures())
  func partsAreDistributedAsTheReferencesAre(_ drawn: Drawn) throws {
    var erasing = RandomErasing(probability: try #require(drawn.settings.probability))
    erasing.minimumArea = drawn.settings.minimumArea ?? erasing.minimumArea
    erasing.minimumRatio = drawn.settings.minimumRatio ?? erasing.minimumRatio
    erasing.maximumRatio = drawn.settings.maximumRatio ?? erasing.maximumRatio
    erasing.usesLogarithm = drawn.settings.usesLogarithm ?? erasing.usesLogarithm
    erasing.attempts = drawn.settings.attempts ?? erasing.attempts
    var random = KeyedRandom(key: "erase/\(drawn.testDescription)")
    drawn.expect(
      (0..<20_000).map { _ in
        erasing.box(width: drawn.size[0], height: drawn.size[1], random: &random)
      })
  }

  @Test func onlyThePartIsErased() throws {
    let erasing = RandomErasing(probability: 1, fill: .constant([7, 8, 9]))
    for key in 0..<20 {
      var random = KeyedRandom(key: "part/\(key)")
      let box = try #require(erasing.box(width: 11, height: 14, random: &random))
      #expect(!box.columns.isEmpty && !box.rows.isEmpty)
      let values = erased(erasing, width: 11, height: 14, key: "part/\(key)")
      for (i, value) in values.enumerated() {
        let (channel, row, column) = (i / 154, i / 11 % 14, i % 11)
        let isErased = box.rows.contains(row) && box.columns.contains(column)
        #expect(value == (isErased ? [7, 8, 9][channel] : -1))
      }
    }
  }

  @Test func channelsAndPixelsAreNormallyDistributed() {
    var levels: [Float] = []
    for key in 0..<2_000 {
      let fill = RandomErasing(probability: 1, fill: .channels)
      let values = erased(fill, width: 11, height: 14, key: "channels/\(key)")
      let inside = values.indices.filter { values[$0] != -1 }
      let distinct = Set(inside.map { values[$0] })
      #expect(distinct.count == 3)
      levels += distinct
    }
    expectNormal(levels)
    let whole = RandomErasing(
      probability: 1, minimumArea: 0.9, maximumArea: 0.9, minimumRatio: 1, maximumRatio: 1,
      fill: .pixels)
    let values = erased(whole, width: 80, height: 80, key: "pixels").filter { $0 != -1 }
    #expect(values.count == 3 * 76 * 76)
    expectNormal(values)
  }

  @Test func aSinglePixelStays() {
    for key in 0..<100 {
      let values = erased(RandomErasing(probability: 1), width: 1, height: 1, key: "one/\(key)")
      #expect(values == [-1, -1, -1])
    }
  }

  /// Channels of -1 after erasing.
  private func erased(_ erasing: RandomErasing, width: Int, height: Int, key: String) -> [Float] {
    var random = KeyedRandom(key: key)
    var values = [Float](repeating: -1, count: 3 * width * height)
    values.withUnsafeMutableBufferPointer {
      erasing.erase($0, height: height, width: width, random: &random)
    }
    return values
  }

  /// Mean 0, variance 1 and, as a third of all that are beyond it, one standard deviation.
  private func expectNormal(_ values: [Float]) {
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let variance = values.reduce(0) { $0 + Double($1) * Double($1) } / count
    let beyond = Double(values.filter { abs($0) > 1 }.count) / count
    #expect(abs(mean) < 5 / count.squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / count).squareRoot())
    #expect(abs(beyond - 0.3173) < 5 * (0.3173 * 0.6827 / count).squareRoot())
  }
}
