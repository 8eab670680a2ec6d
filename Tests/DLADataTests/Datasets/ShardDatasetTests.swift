import DLAData
import Foundation
import Testing
import _DLATestSupport

struct ShardDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A shard of members by name and content.
  private static func shard(_ members: [(String, String)]) -> TarWriter {
    var tar = TarWriter()
    for (name, content) in members { tar.add(name, Array(content.utf8)) }
    return tar
  }

  private func read(_ bytes: [UInt8], _ name: String = "s.tar") throws -> [String] {
    try folder.write(bytes, to: name)
    return try contents(DatasetSource.open(name, in: folder, classes: .pets), in: folder)
  }

  @Test func imagesAndLabelsOfOneKeyAreASample() throws {
    let members = [
      ("000.jpg", "first"), ("000.cls", "0"), ("001.cls", "2\n"), ("001.PNG", "second"),
      ("a.b/c.cls", "dog"), ("a.b/c.seg.png", "no"), ("a.b/c.json", "{}"), ("a.b/c.webp", "third"),
    ]
    let archive = Self.shard(members).archive
    for (bytes, name) in [
      (archive, "s.tar"), (gzip(archive), "s.tar.gz"), (gzip(archive), "s.tgz"), (archive, "s.bin"),
      (gzip(archive), "s.bin"),
    ] {
      #expect(
        try read(bytes, name) == ["\(name)/000 0", "\(name)/001 2", "\(name)/a.b/c 1"], "\(name)")
    }
    let dataset = try DatasetSource.open("s.tar", in: folder, classes: .pets)
    #expect(dataset.count == nil && dataset.summary == "1 tar shard")
    let contents = try samples(dataset).map { sample -> String in
      guard case .bytes(let bytes) = try sample.get().content else { return "" }
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(contents == ["first", "second", "third"])
  }

  @Test func samplesThatLackSomethingAreNamedAndTheRestIsRead() throws {
    let members = [
      ("0.jpg", "x"), ("1.cls", "0"), ("2.jpg", "x"), ("2.cls", "horse"), ("3.jpg", "x"),
      ("3.cls", "3"), ("4.jpg", "x"), ("4.jpeg", "y"), ("4.cls", "1"), ("5.cls", "1"),
      ("5.cls", "1"), ("5.jpg", "x"), ("6.cls", String(repeating: "x", count: 5000)),
      ("6.jpg", "x"), ("README", "no key"), ("7.json", "neither"), (".hidden", "no key"),
      ("8.jpg", "x"), ("8.cls", "1"),
    ]
    #expect(
      try read(Self.shard(members).archive) == [
        "s.tar/0: has an image and no .cls file beside it",
        "s.tar/1: has a .cls file and no image beside it",
        "s.tar/2: label \"horse\" is not one of the 3 classes; 0 to 2 or the name of a class is expected",
        "s.tar/3: label 3 of 3 classes; labels begin at 0, so 0 to 2 is expected",
        "s.tar/4: has two images", "s.tar/5: has two .cls files",
        "s.tar/6: its .cls file is not a short text", "s.tar/8 1",
      ])
  }

  @Test func compressedShardsAreRead() throws {
    for name in ["bz2", "xz", "zst"] {
      let path = Fixtures.folder.appending(path: "shards/three.tar.\(name)").path
      for path in [path, folder.path("data-\(name)")] {
        if path.hasPrefix(folder.url.path) {
          try folder.write(
            Data(contentsOf: Fixtures.folder.appending(path: "shards/three.tar.\(name)")),
            to: "data-\(name)")
        }
        let found = try samples(DatasetSource(path).open(classes: ClassNames(count: 3)))
        #expect(try found.map { try $0.get().label } == [0, 1, 2], "\(path)")
        guard case .bytes(let bytes) = try found.last?.get().content else { return }
        #expect(bytes == Array(repeating: 2, count: 700))
      }
    }
  }

  @Test func aShardWithoutSamplesTellsWhatItHolds() throws {
    let members = [
      ("train/22.05.jpg", "x"), ("train/22.05.cls", "0"), ("train/23.05.jpg", "x"), ("x.gif", ""),
    ]
    let words =
      "s.tar: holds no images or labels: the first key is \"train/22\", extensions are 05.jpg, "
      + "05.cls, gif; a key ends at the first dot, and jpg, png, webp or bmp and cls are expected "
      + "behind it"
    #expect(try read(Self.shard(members).archive) == [words])
    #expect(
      try read(Self.shard(members + [("1.cls", "0"), ("1.bmp", "x")]).archive) == ["s.tar/1 0"])
    var reader = try DatasetSource.open("s.tar", in: folder).reader()
    reader.skip(1)
    #expect(reader.next() == nil)
  }

  @Test func onlyRegularFilesAreMembers() throws {
    var tar = TarWriter()
    tar.add("0/", [], kind: "5")
    tar.add("0.jpg", [], kind: "1")
    tar.add("0.cls", [], kind: "2")
    tar.add("1.jpg", [1])
    tar.add("1.cls", Array("1".utf8))
    tar.add("pipe.jpg", [], kind: "6")
    #expect(try read(tar.archive) == ["s.tar/1 1"])
  }

  @Test func severalShardsAreReadInOrder() throws {
    for number in [0, 2, 10] {
      try folder.write(
        Self.shard([("k.jpg", "x"), ("k.cls", "\(number % 3)")]).archive, to: "d/s-\(number).tar")
    }
    try folder.write("", to: "d/index.json")
    #expect(
      try contents(DatasetSource.open("d", in: folder), in: folder)
        == ["s-0.tar/k 0", "s-10.tar/k 1", "s-2.tar/k 2"])
    let patterns = ["d/s-{0,2}.tar", "d/s-{0..0}.tar", "{d,e}/s-2.tar"]
    let expected = [
      ["s-0.tar/k 0", "s-2.tar/k 2"], ["s-0.tar/k 0"],
      ["s-2.tar/k 2", "e/s-2.tar: there is no such file"],
    ]
    for (pattern, expected) in zip(patterns, expected) {
      #expect(try contents(DatasetSource.open(pattern, in: folder), in: folder) == expected)
    }
    #expect(
      try contents(DatasetSource.open("d", in: folder).shuffled(seed: 4), in: folder).sorted()
        == ["s-0.tar/k 0", "s-10.tar/k 1", "s-2.tar/k 2"])
  }

  /// The paths of a pattern are known from errors about missing shards.
  @Test func bracesCountWithTheirWidth() throws {
    try folder.write(Self.shard([("k.jpg", "x"), ("k.cls", "1")]).archive, to: "s-008.tar")
    #expect(
      try contents(DatasetSource.open("s-{007..011}.tar", in: folder), in: folder) == [
        "s-007.tar: there is no such file", "s-008.tar/k 1", "s-009.tar: there is no such file",
        "s-010.tar: there is no such file", "s-011.tar: there is no such file",
      ])
  }

  @Test(arguments: [
    ("s-{3..1}.tar", "is no list"), ("s-{a}.tar", "is no list"), ("s-{}.tar", "is no list"),
    ("s-{-1..2}.tar", "is no list"), ("s-{0..99999999999}.tar", "is no list"),
    ("s-{0..1}{.tar", "a brace is not closed"),
    ("{0..999}{0..999}{0..9}.tar", "stands for more than 1000000 paths"),
    ("s-{0..9}.tar", "there is no such shard"), ("s-\u{7}{x", "there is no such file"),
  ])
  func patternsThatMeanNothingAreErrors(pattern: String, words: String) throws {
    let error = #expect(throws: DatasetError.self) { try DatasetSource.open(pattern, in: folder) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\u{7}") == false)
  }

  /// The label before its image, as `tar --sort=name` has it, or behind; whole or cut anywhere.
  @Test(arguments: [["cls", "jpg"], ["jpg", "cls"]], [0, 100, 700, 1300, 2700])
  func skippingLandsOnTheSampleThatReadingWould(endings: [String], cut: Int) throws {
    let members = (0..<9).flatMap { number in
      endings.map { ending in
        let label = number == 4 ? "7" : "1"
        return (
          "\(number).\(ending)",
          ending == "cls" ? label : String(repeating: "\(number)", count: 600)
        )
      }
    }
    let first = Self.shard(members + [("9.json", "neither")])
    try folder.write(cut == 0 ? first.archive : first.bytes.dropLast(cut), to: "d/a.tar")
    try folder.write(gzip(Self.shard(members).archive), to: "d/b.tar.gz")
    let dataset = try DatasetSource.open("d", in: folder)
    let all = try samples(dataset).map(Self.described)
    #expect(all.count > 14)
    for count in 0...all.count {
      var reader = try dataset.reader()
      reader.skip(count)
      var rest: [String] = []
      while let sample = reader.next() { rest.append(Self.described(sample)) }
      #expect(rest == Array(all.dropFirst(count)), "\(count)")
    }
  }

  private static func described(_ sample: Result<Sample, SampleError>) -> String {
    switch sample {
    case .success(let sample): "\(sample)"
    case .failure(let error): "\(error)"
    }
  }
}
