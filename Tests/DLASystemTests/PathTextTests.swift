import DLASystem
import DLATensor
import DLAText
import Testing

/// Paths of any bytes as text.
struct PathTextTests {
  private static func bytes(_ text: String) -> [UInt8] {
    PathText.bytes(text).dropLast().map { UInt8(bitPattern: $0) }
  }

  @Test func everyPathHasATextThatGivesItsBytesBack() {
    print("paths: key path text")
    var random = KeyedRandom(key: "path text")
    let parts: [[UInt8]] = [
      [0xB9, 0xB7], Array("a".utf8), Array("é".utf8), Array("日本".utf8), Array("🦊".utf8), [0xF4],
      // The scalar that stands for the byte B9, itself.
      Array("\u{10FEB9}".utf8), [0xF4, 0x8F], [0xC3], [0xED, 0xA0, 0x80], [0xFF],
    ]
    var texts: [String: [UInt8]] = [:]
    for _ in 0..<2000 {
      let bytes = (0..<random.nextIndex(below: 6)).flatMap { _ -> [UInt8] in
        let part = random.nextIndex(below: parts.count + 1)
        return part < parts.count ? parts[part] : [UInt8(1 + random.nextIndex(below: 255))]
      }
      let text = PathText.text(bytes)
      #expect(Self.bytes(text) == bytes)
      #expect(texts.updateValue(bytes, forKey: text).map { $0 == bytes } != false)
    }
  }

  @Test func bytesThatAreNoTextAreShownAsEscapes() {
    let path = PathText.text([0x61, 0xB9, 0xB7] + Array("/é.jpg".utf8))
    #expect(PathText.shown(path) == "a\\xB9\\xB7/é.jpg")
    #expect(printablePath(path + "\n") == "a\\xB9\\xB7/é.jpg\\u{a}")
    #expect(PathText.shown("é🦊\u{10FFFD}") == "é🦊\u{10FFFD}")
  }

  /// As Python sorts names of `os.listdir`.
  @Test func namesHavePythonsOrder() {
    let sorted: [[UInt8]] = [
      Array("a".utf8), Array("é".utf8), Array("日".utf8), [0xB9], [0xFF], Array("\u{FB01}".utf8),
      Array("🦊".utf8),
    ]
    let names = sorted.map { PathText.text($0) }
    #expect(names.reversed().sorted(by: PathText.precedes) == names)
  }
}
