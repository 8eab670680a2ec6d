import DLAText
import Testing

struct NumberTextTests {
  @Test func decimalsAreFixedAndRounded() {
    #expect(fixed(0.125, 2) == "0.13")
    #expect(fixed(-1.5, 0) == "-2")
    #expect(fixed(-0.001, 2) == "0.00")
    #expect(fixed(74.57, 1) == "74.6")
    #expect(fixed(3, 4) == "3.0000")
  }

  @Test func numbersThatAreTooLongAreWrittenAsTheyAre() {
    #expect(fixed(1e20, 4) == "1e+20")
    #expect(fixed(-9e18, 1) == "-9e+18")
    #expect(fixed(.infinity, 2) == "inf")
    #expect(fixed(.nan, 2) == "nan")
  }

  @Test func thousandsArePartedByCommas() {
    #expect(grouped(999) == "999")
    #expect(grouped(1000) == "1,000")
    #expect(grouped(-1_234_567) == "-1,234,567")
    #expect(counted(1, "class", "classes") == "1 class")
    #expect(counted(0, "class", "classes") == "0 classes")
  }

  @Test(
    arguments: [
      (0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3600, "1 h 0 min"),
      (86_399, "23 h 59 min"), (273_600, "3 d 4 h"), (-1, "–"), (.nan, "–"), (.infinity, "–"),
      (3e10, "347,222 d 5 h"),
    ] as [(Double, String)])
  func timesHaveTheirTwoLargestUnits(seconds: Double, text: String) {
    #expect(duration(seconds) == text)
  }
}
