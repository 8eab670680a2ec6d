import DLAHub
import Testing

/// Rates of transfers, on a clock of the test's own, and hashes.
struct TransferRateTests {
  @Test func theRateIsThatOfTheLastSeconds() {
    var rate = TransferRate()
    let first = rate.update(received: 0, total: 1000, at: 10)
    #expect(first != nil && first?.bytesPerSecond == nil && first?.secondsLeft == nil)
    let early = rate.update(received: 1, total: 1000, at: 10.05)
    #expect(early == nil)
    let second = rate.update(received: 100, total: 1000, at: 11)
    #expect(second?.bytesPerSecond == 100 && second?.secondsLeft == 9)
    var last = second
    for second in 12...20 { last = rate.update(received: 100, total: 1000, at: Double(second)) }
    #expect(last?.bytesPerSecond == 0 && last?.secondsLeft == nil)
    let unknown = rate.update(received: 120, total: nil, at: 21)
    #expect(unknown?.bytesPerSecond == 4 && unknown?.secondsLeft == nil)
  }

  @Test func aNewStartForgetsTheOldRate() {
    var rate = TransferRate()
    _ = rate.update(received: 500, total: 1000, at: 0)
    let progress = rate.update(received: 10, total: 1000, at: 1)
    #expect(progress?.received == 10 && progress?.bytesPerSecond == nil)
  }

  /// FIPS 180-4's examples.
  @Test func hashesAreThoseOfTheStandard() {
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
