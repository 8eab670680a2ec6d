import DLACheckpoints
import Foundation
import Testing

/// Bytes that Python 3 wrote as text, a character each, as it does below protocol 3.
@Suite struct TextBytesTests {
  /// A `numpy.ndarray` of uint8 in protocol 2, with any text as its bytes.
  private func pickle(count: Int, text: [UInt8]) -> [UInt8] {
    func name(_ name: String) -> [UInt8] {
      [UInt8(ascii: "X"), UInt8(name.utf8.count), 0, 0, 0] + name.utf8
    }
    func long(_ value: Int) -> [UInt8] {
      [UInt8(ascii: "J")] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let opening =
      Array("}(".utf8) + name("a")
      + Array("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n".utf8) + long(0) + [0x85]
      + name("b") + [0x87] + Array("R(".utf8) + long(1) + long(count) + [0x85]
    let type = Array("cnumpy\ndtype\n".utf8) + name("u1") + [0x89, 0x88, 0x87] + Array("R".utf8)
    let length = (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    let content = Array("c_codecs\nencode\nX".utf8) + length + text + name("latin1") + [0x86]
    return [0x80, 2] + opening + type + [0x89] + content + Array("Rtbu.".utf8)
  }

  private func encoded(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
  }

  private func read(count: Int, text: [UInt8]) throws(CheckpointError) -> [UInt8] {
    try CheckpointFile(contents: pickle(count: count, text: text), name: "x")
      .withBytes(named: "a") { Array($0) }
  }

  @Test func everyByteAtEveryPlaceIsRead() throws {
    for count in 1...40 {
      for value in UInt8.min...UInt8.max {
        var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
        bytes[Int(value) % count] = value
        #expect(try read(count: count, text: encoded(bytes)) == bytes)
      }
    }
  }

  @Test func randomBytesAreRead() throws {
    var test = SeededCase()
    for _ in 0..<200 {
      let count = Int.random(in: 1...5000, using: &test.random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &test.random) }
      #expect(try read(count: count, text: encoded(bytes)) == bytes, "seed \(test.seed)")
    }
  }

  @Test func otherTextIsRefused() throws {
    var test = SeededCase()
    let bytes = (0..<100).map { UInt8($0 * 2) }
    let text = encoded(bytes)
    #expect(throws: CheckpointError.self) { try read(count: 99, text: text) }
    #expect(throws: CheckpointError.self) { try read(count: 101, text: text) }
    for _ in 0..<2000 {
      var changed = text
      let place = Int.random(in: changed.indices, using: &test.random)
      changed[place] = UInt8.random(in: 0x80...0xFF, using: &test.random)
      // What Swift's own decoder takes for 100 characters below 256 is right, all else is not.
      let expected = String(validating: changed, as: UTF8.self).flatMap { text -> [UInt8]? in
        let scalars = text.unicodeScalars.map { UInt8(exactly: $0.value) }
        return scalars.contains(nil) ? nil : scalars.compactMap(\.self)
      }
      let found = try? read(count: 100, text: changed)
      #expect(found == (expected?.count == 100 ? expected : nil), "seed \(test.seed)")
    }
  }
}
