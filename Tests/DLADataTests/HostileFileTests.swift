import DLAData
import DLASystem
import DLATensor
import Foundation
import Testing
import _DLATestSupport

@Suite struct HostileFileTests {
  @Test(arguments: Images.bad) func badFilesGetAOneLineErrorThatStartsWithTheirName(
    _ path: String
  ) {
    for convention in ImageConvention.allCases {
      let error = #expect(throws: ImageError.self) {
        try RGBImage(path: path, convention: convention)
      }
      #expect(error?.message.hasPrefix(path + ": ") == true)
      #expect(error?.message.contains(where: \.isNewline) == false)
    }
  }

  @Test(arguments: Images.names) func everyShorterPartOfAFileIsAnError(_ name: String) throws {
    let bytes = try Images.bytes(name)
    // Text behind the end, and padding of a last row, may be missing.
    let end = bytes.count - (name == "jpeg-trailing.jpg" ? 13 : name.hasSuffix(".bmp") ? 3 : 0)
    let step = max(1, end / 150)
    for length in Array(stride(from: 0, to: end, by: step)) + Array(max(0, end - 40)..<end) {
      #expect(throws: ImageError.self, "the first \(length) bytes of \(bytes.count)") {
        try RGBImage(decoding: Array(bytes[..<length]), name: name, convention: .opencv)
      }
    }
  }

  @Test(arguments: Images.names) func flippedBitsGiveAPictureOrAnError(_ name: String) throws {
    let bytes = try Images.bytes(name)
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
      // Without right checksums a PNG is refused before anything else is looked at.
      if Bool.random(using: &random) { mendChecksums(ofPNG: &damaged) }
      do {
        let image = try RGBImage(decoding: damaged, name: name, convention: .opencv)
        #expect(image.pixels.count == image.width * image.height * 3)
      } catch {
        #expect(error.message.hasPrefix(name + ": "))
      }
    }
  }

  @Test func aFewBytesCannotClaimALargeImage() throws {
    var png = try Images.bytes("png-rgb.png")
    png.replaceSubrange(16..<24, with: [0, 0, 0x34, 0, 0, 0, 0x34, 0])
    mendChecksums(ofPNG: &png)
    #expect(code(of: png) == .truncated)
    png.replaceSubrange(16..<24, with: [0, 0, 0xFF, 0, 0, 0, 0xFF, 0])
    mendChecksums(ofPNG: &png)
    #expect(code(of: png) == .tooLarge)

    var jpeg = try Images.bytes("jpeg-444.jpg")
    try claim(0x3400, 0x3400, in: &jpeg)
    #expect(code(of: jpeg) == .truncated)
    try claim(0xFF00, 0xFF00, in: &jpeg)
    #expect(code(of: jpeg) == .tooLarge)
  }

  /// Pixels of which decoding takes more memory, with the largest width at a height of 10,000.
  @Test(arguments: [
    ("jpeg-progressive.jpg", "progressive JPEG", 11_930),
    ("jpeg-cmyk.jpg", "CMYK JPEG", 15_339),
    ("jpeg-444.jpg", "JPEG", 17_895),
    ("jpeg-gray.jpg", "JPEG", 17_895),
  ])
  func theLimitFitsTheMemoryThatDecodingTakes(name: String, kind: String, width: Int) throws {
    var jpeg = try Images.bytes(name)
    try claim(width, 10_000, in: &jpeg)
    #expect(code(of: jpeg) == .truncated)
    try claim(width + 1, 10_000, in: &jpeg)
    let error = #expect(throws: ImageError.self) { try RGBImage(decoding: jpeg, name: "x") }
    #expect(error?.code == .tooLarge)
    #expect(error?.message.contains("in all are read of a \(kind), so") == true)
  }

  @Test func componentsInScansOfTheirOwnCountAsProgressive() throws {
    var jpeg = try Images.bytes("jpeg-444.jpg")
    try claim(11_931, 10_000, in: &jpeg)
    #expect(code(of: jpeg) == .truncated)
    let scan = try #require(marker(0xDA, in: jpeg))
    let end = scan + 2 + Int(jpeg[scan + 3])
    // The first of three components alone.
    jpeg.replaceSubrange(
      (scan + 2)..<end, with: [0, 8, 1] + jpeg[(scan + 5)..<(scan + 7)] + [0, 63, 0])
    #expect(code(of: jpeg) == .tooLarge)
  }

  @Test func contentThatIsNoImageIsNamedForWhatItLooksLike() {
    let contents: [(String, String)] = [
      ("", "is empty"), ("GIF89a", "GIF"), ("BM1234", "the BMP stops"), ("%PDF-1.7", "PDF"),
      ("<!DOCTYPE html><html>", "HTML"), ("hello", "text"), ("\u{1}\u{2}\u{3}", "binary"),
      ("\0\0\0\0", "zeros"), ("\0\0\0\u{20}ftypavif", "AVIF"), ("\0\0\0\u{20}ftypheic", "HEIC"),
      ("RIFF1234WAVE", "RIFF"), ("<svg xmlns=''>", "SVG"),
    ]
    for (content, impression) in contents {
      let error = #expect(throws: ImageError.self) {
        try RGBImage(decoding: Array(content.utf8), name: "x.jpg")
      }
      #expect(error?.message.contains(impression) == true, "\(error?.message ?? "")")
    }
  }

  /// Fields of a BMP that claim more than there is, and pixels without a colour.
  @Test func headersOfBMPFilesAreNotBelieved() throws {
    for (name, offset, bytes, expected) in [
      ("bmp-24.bmp", 18, [0, 0, 1, 0, 0, 0, 1, 0], .tooLarge),
      ("bmp-24.bmp", 18, [0, 8, 0, 0, 0, 8, 0, 0], .truncated),
      ("bmp-24.bmp", 18, [0, 0, 0, 0], .corrupt), ("bmp-24.bmp", 22, [0, 0, 0, 0x80], .tooLarge),
      ("bmp-24.bmp", 10, [0xFF, 0xFF, 0xFF, 0xFF], .truncated),
      ("bmp-24.bmp", 14, [0xFF, 0xFF, 0xFF, 0xFF], .truncated),
      ("bmp-24.bmp", 14, [0, 0, 0, 0], .unsupported), ("bmp-24.bmp", 28, [3, 0], .unsupported),
      ("bmp-24.bmp", 30, [1, 0, 0, 0], .unsupported), ("bmp-8.bmp", 46, [0, 0, 1, 0], .corrupt),
      ("bmp-8.bmp", 46, [0xFF, 0xFF, 0xFF, 0xFF], .corrupt),
      ("bmp-4.bmp", 46, [2, 0, 0, 0], .corrupt), ("bmp-16-565.bmp", 54, [0, 0xF0], .unsupported),
      ("bmp-32-masks.bmp", 54, [0, 0xFF, 0, 0], .unsupported),
    ] as [(String, Int, [UInt8], ImageError.Code)] {
      var bmp = try Images.bytes(name)
      bmp.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
      #expect(code(of: bmp) == expected, "\(name) \(offset)")
    }
  }

  /// Of the checksums, only those of pixels and their description decide.
  @Test func checksumsOfAPNGThatChangeNoPixelAreNotLookedAt() throws {
    let bytes = try Images.bytes("png-palette4.png")
    let expected = try RGBImage(decoding: bytes, name: "x")
    var kinds: [String] = []
    var offset = 8
    while offset < bytes.count {
      let length = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
      let kind = String(decoding: bytes[(offset + 4)..<(offset + 8)], as: UTF8.self)
      var damaged = bytes
      damaged[offset + 8 + length] ^= 1
      if ["IEND", "tRNS"].contains(kind) {
        #expect(try RGBImage(decoding: damaged, name: "x") == expected)
      } else {
        #expect(code(of: damaged) == .corrupt, "\(kind)")
      }
      kinds.append(kind)
      offset += 12 + length
    }
    #expect(kinds == ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"])
  }

  @Test func pathsThatAreNoRegularFilesAreRefused() throws {
    let pipe = FileManager.default.temporaryDirectory.appending(path: "dla-\(UUID()).jpg").path
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    for path in ["/nonexistent\n/x.jpg", "/", "", pipe, "/dev/zero", "/dev/null"] {
      let error = #expect(throws: ImageError.self) { try RGBImage(path: path) }
      #expect(error?.code == .unreadable)
      #expect(error?.message.contains(where: \.isNewline) == false)
    }
  }

  @Test func streamsAreReadToTheirEndOrTheLimit() throws {
    let zeros = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
    let endless = ByteStream(descriptor: zeros.fileDescriptor, name: "zeros")
    let limit = 3_000_000
    let error = #expect(throws: ImageError.self) { try ImageFile.bytes(of: endless, limit: limit) }
    #expect(error?.code == .tooLarge)

    for (count, isRead) in [
      (0, true), (1, true), (70_000, true), (limit, true), (limit + 1, false),
    ] {
      let pipe = Pipe()
      let contents = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
      // A reader that gives up closes the pipe only after the writer is done.
      let done = DispatchSemaphore(value: 0)
      DispatchQueue.global().async {
        try? pipe.fileHandleForWriting.write(contentsOf: contents)
        try? pipe.fileHandleForWriting.close()
        done.signal()
      }
      let stream = ByteStream(descriptor: pipe.fileHandleForReading.fileDescriptor, name: "pipe")
      let bytes = try? ImageFile.bytes(of: stream, limit: limit)
      #expect(bytes == (isRead ? Array(contents) : nil))
      done.wait()
    }
  }

  @Test func anEXIFStructureCutAnywhereLeavesTheImageAsStoredOrUpright() throws {
    let bytes = try Images.bytes("jpeg-exif6.jpg")
    let exif = try #require(marker(0xE1, in: bytes))
    let length = Int(bytes[exif + 2]) << 8 | Int(bytes[exif + 3])
    for kept in 2..<length {
      var cut = bytes
      cut.removeSubrange((exif + 2 + kept)..<(exif + 2 + length))
      cut[exif + 2] = UInt8(kept >> 8)
      cut[exif + 3] = UInt8(kept & 255)
      let image = try RGBImage(decoding: cut, name: "cut.jpg", convention: .opencv)
      #expect(Set([image.width, image.height]) == [61, 44])
    }
  }

  /// The start of the first marker of a kind.
  private func marker(_ code: UInt8, in jpeg: [UInt8]) -> Int? {
    jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == code }
  }

  private func code(of bytes: [UInt8]) -> ImageError.Code? {
    let error = #expect(throws: ImageError.self) { try RGBImage(decoding: bytes, name: "x") }
    return error?.code
  }

  /// Writes another size into the header of a JPEG.
  private func claim(_ width: Int, _ height: Int, in jpeg: inout [UInt8]) throws {
    let frame = try #require(marker(0xC0, in: jpeg) ?? marker(0xC2, in: jpeg))
    let size = [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) }
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: size)
  }

  /// Makes the checksum of every chunk right, as far as the chunks can be followed.
  private func mendChecksums(ofPNG bytes: inout [UInt8]) {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return }
    func bigEndian(_ offset: Int) -> Int {
      bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    var offset = 8
    while offset + 12 <= bytes.count, bigEndian(offset) <= bytes.count - offset - 12 {
      let end = offset + 8 + bigEndian(offset)
      let sum = crc32(bytes[(offset + 4)..<end])
      for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
      offset = end + 4
    }
  }
}
