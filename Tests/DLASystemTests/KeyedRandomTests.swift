import DLATensor
import Testing

/// Expected values were computed with Python's integers from the definitions of FNV-1a-64 and
/// SplitMix64.
struct KeyedRandomTests {
  @Test func firstOutputsFollowFromTheKey() {
    var empty = KeyedRandom(key: "")
    #expect(empty.next() == 0xC381_7C01_6BA4_FF30)
    #expect(empty.next() == 0x100C_DAAC_C0BC_9316)
    var bias = KeyedRandom(key: "dla34/fc.bias")
    #expect(bias.next() == 0x111D_4B0B_481F_C6E8)
    #expect(bias.next() == 0xB9B8_7157_F357_F333)
    #expect(bias.next() == 0xF158_66F7_A880_27B5)
  }

  @Test func uniformNumbersAreMultiplesOfTheirStepInRange() {
    var random = KeyedRandom(key: "range")
    for _ in 0..<10_000 {
      let u = random.nextUniform()
      #expect(u >= -1 && u < 1)
      #expect((u * Double(1 << 23)).rounded() == u * Double(1 << 23))
    }
  }
}
