import DLASystem
import Testing

/// Expected values of words are published ones; the others were computed with Python's integers
/// from xxHash's specification.
struct XXHash64Tests {
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func wordsHaveTheirPublishedHash(word: String, hash: UInt64) {
    #expect(Array(word.utf8).withUnsafeBytes { xxHash64($0) } == hash)
  }

  /// Lengths with every kind of rest, and one of several chunks.
  @Test(
    arguments: [
      (31, 0x808E_92AB_7011_DF9E), (32, 0x9A26_7BF0_3805_2FE5), (47, 0xAE94_4D7F_7138_69CE),
      (100, 0x8144_60AE_F4BC_44FF), (3 << 20 | 45, 0x9D48_D937_443C_6B24),
    ] as [(Int, UInt64)])
  func longerBytesHaveTheirHash(count: Int, hash: UInt64) {
    #expect(Self.bytes(count).withUnsafeBytes { xxHash64($0) } == hash)
  }

  @Test func passedChunksFollowOneAnother() {
    var passed = 0
    _ = Self.bytes(5 << 19 | 40).withUnsafeBytes { bytes in
      xxHash64(bytes) { chunk in
        #expect(chunk.lowerBound == passed)
        passed = chunk.upperBound
      }
    }
    #expect(passed == 5 << 19 | 32)
  }

  @Test func everyByteCounts() {
    var bytes = Self.bytes(141)
    var seen: Set<UInt64> = [bytes.withUnsafeBytes { xxHash64($0) }]
    for index in bytes.indices {
      bytes[index] ^= 0x80
      seen.insert(bytes.withUnsafeBytes { xxHash64($0) })
      bytes[index] ^= 0x80
    }
    #expect(seen.count == 142)
  }

  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 + ($0 >> 8)) }
  }
}
