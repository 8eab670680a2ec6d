import DLACore
import DLAData
import Testing

@Suite("Damaged and hostile files")
struct HostileFileTests {
  @Test("bad files get a one-line error that starts with their name", arguments: Fixtures.bad)
  func badFiles(_ path: String) {
    for convention in ImageConvention.allCases {
      let error = #expect(throws: ImageError.self) { try Image(path: path, convention: convention) }
      #expect(error?.message.hasPrefix(path + ": ") == true)
      #expect(error?.message.contains(where: \.isNewline) == false)
    }
  }

  @Test("every shorter part of a file is an error", arguments: Fixtures.files)
  func truncation(_ name: String) throws {
    let bytes = try ImageFile.bytes(path: Fixtures.path(name))
    let end = name == "jpeg-trailing.jpg" ? bytes.count - 13 : bytes.count
    let step = max(1, end / 150)
    for length in Array(stride(from: 0, to: end, by: step)) + Array(max(0, end - 40)..<end) {
      #expect(throws: ImageError.self, "the first \(length) bytes of \(bytes.count)") {
        try Image(decoding: Array(bytes[..<length]), name: name, convention: .opencv)
      }
    }
  }

  @Test("flipped bits give a picture or an error, never a crash", arguments: Fixtures.files)
  func flippedBits(_ name: String) throws {
    let bytes = try ImageFile.bytes(path: Fixtures.path(name))
    let key = "flip/\(name)"
    print("flipped bits: key \(key)")
    var random = KeyedRandom(key: key)
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Headers decide sizes, so half of the damage goes there.
        let bound = Bool.random(using: &random) ? min(bytes.count, 200) : bytes.count
        let bit = UInt8.random(in: 0...7, using: &random)
        damaged[Int.random(in: 0..<bound, using: &random)] ^= 1 << bit
      }
      do {
        let image = try Image(decoding: damaged, name: name, convention: .opencv)
        #expect(image.pixels.count == image.width * image.height * 3)
      } catch {
        #expect(error.message.hasPrefix(name + ": "))
      }
    }
  }

  @Test("a few bytes cannot claim a large picture")
  func claimedSizes() throws {
    var png = try ImageFile.bytes(path: Fixtures.path("png-rgb.png"))
    png.replaceSubrange(16..<24, with: [0, 0, 0x34, 0, 0, 0, 0x34, 0])
    // The header's checksum no longer holds; either refusal comes before memory is taken.
    #expect(throws: ImageError.self) { try Image(decoding: png, name: "big.png") }

    var jpeg = try ImageFile.bytes(path: Fixtures.path("jpeg-444.jpg"))
    let frame = try #require(marker(0xC0, in: jpeg))
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0x34, 0, 0x34, 0])
    let error = #expect(throws: ImageError.self) { try Image(decoding: jpeg, name: "big.jpg") }
    #expect(error?.code == .truncated)
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0, 0xFF, 0])
    let bomb = #expect(throws: ImageError.self) { try Image(decoding: jpeg, name: "bomb.jpg") }
    #expect(bomb?.code == .tooLarge)
  }

  @Test("content that is no picture is named for what it looks like")
  func otherContent() {
    let contents: [(String, String)] = [
      ("", "is empty"), ("GIF89a", "GIF"), ("BM1234", "BMP"), ("%PDF-1.7", "PDF"),
      ("<!DOCTYPE html><html>", "HTML"), ("hello", "text"), ("\u{1}\u{2}\u{3}", "binary"),
      ("\0\0\0\0", "zeros"), ("\0\0\0\u{20}ftypavif", "AVIF"), ("\0\0\0\u{20}ftypheic", "HEIC"),
      ("RIFF1234WAVE", "RIFF"), ("<svg xmlns=''>", "SVG"),
    ]
    for (content, impression) in contents {
      let error = #expect(throws: ImageError.self) {
        try Image(decoding: Array(content.utf8), name: "x.jpg")
      }
      #expect(error?.message.contains(impression) == true, "\(error?.message ?? "")")
    }
  }

  @Test("missing files and directories are errors, and names stay on one line")
  func unreadable() {
    for path in ["/nonexistent\n/x.jpg", "/"] {
      let error = #expect(throws: ImageError.self) { try Image(path: path) }
      #expect(error?.code == .unreadable)
      #expect(error?.message.contains(where: \.isNewline) == false)
    }
  }

  @Test("an EXIF structure cut anywhere leaves the picture as stored or upright")
  func cutExif() throws {
    let bytes = try ImageFile.bytes(path: Fixtures.path("jpeg-exif6.jpg"))
    let exif = try #require(marker(0xE1, in: bytes))
    let length = Int(bytes[exif + 2]) << 8 | Int(bytes[exif + 3])
    for kept in 2..<length {
      var cut = bytes
      cut.removeSubrange((exif + 2 + kept)..<(exif + 2 + length))
      cut[exif + 2] = UInt8(kept >> 8)
      cut[exif + 3] = UInt8(kept & 255)
      let image = try Image(decoding: cut, name: "cut.jpg", convention: .opencv)
      #expect(Set([image.width, image.height]) == [61, 44])
    }
  }

  /// Where the first marker of a kind starts.
  private func marker(_ code: UInt8, in jpeg: [UInt8]) -> Int? {
    jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == code }
  }
}
