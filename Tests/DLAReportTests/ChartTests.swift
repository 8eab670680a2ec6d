import DLAReport
import Testing

struct ChartTests {
  @Test func scalesTakeNumbersToPlaces() {
    let scale = Scale(0...2, from: 100, to: 0)
    #expect(scale(0) == 100 && scale(1) == 50 && scale(2) == 0)
    #expect(Scale(3...3, from: 10, to: 20)(3) == 10)
  }

  @Test func ticksAreRoundAndReachTheLargestCount() {
    #expect(countTicks(upTo: 0) == [0, 1])
    #expect(countTicks(upTo: 3) == [0, 1, 2, 3])
    #expect(countTicks(upTo: 1999, steps: 2) == [0, 1000, 2000])
    for largest in [1, 7, 10, 11, 99, 12_345, 50_000_000] {
      let ticks = countTicks(upTo: largest)
      #expect((2...5).contains(ticks.count))
      #expect(ticks.last ?? 0 >= largest && ticks[ticks.count - 2] < largest, "\(largest)")
    }
  }

  @Test func lengthsAreShort() {
    #expect(pixels(12) == "12" && pixels(12.34) == "12.3" && pixels(-0.01) == "0")
  }
}
