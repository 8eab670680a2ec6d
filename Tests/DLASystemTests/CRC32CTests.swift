import DLASystem
import Testing

struct CRC32CTests {
  /// The examples of RFC 3720, appendix B.4, and the check value of CRC catalogues.
  @Test(
    arguments: [
      (Array(repeating: 0, count: 32), 0x8A91_36AA),
      (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
      (
        [0x01, 0xC0] + Array(repeating: 0, count: 14) + [0x14] + Array(repeating: 0, count: 5)
          + [0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28] + Array(repeating: 0, count: 7)
          + [0x02] + Array(repeating: 0, count: 7),
        0xD996_3A56
      ), (Array("123456789".utf8), 0xE306_9283), ([], 0),
    ] as [([UInt8], UInt32)])
  func examplesHaveTheirChecksum(bytes: [UInt8], checksum: UInt32) {
    #expect(crc32C(bytes) == checksum)
  }
}
