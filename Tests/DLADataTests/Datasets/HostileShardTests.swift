import DLAData
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// Shards that were cut off, that lie or are no shards.
struct HostileShardTests {
  private let folder: TemporaryFolder
  /// Five whole samples.
  private static let archive = {
    var tar = TarWriter()
    for number in 0..<5 {
      tar.add("\(number).jpg", Array(repeating: UInt8(number), count: 700))
      tar.add("\(number).cls", Array("\(number % 3)".utf8))
    }
    return tar.archive
  }()
  /// The size of one sample's image and label: three blocks and two.
  private static let sampleBytes = 5 * 512

  init() throws { folder = try TemporaryFolder() }

  /// The names of whole samples, and the messages of others.
  private func read(_ bytes: [UInt8]) throws -> (names: [String], errors: [SampleError]) {
    let path = try folder.write(bytes, to: "s.tar")
    let found = try samples(ShardDataset(shards: [path], classes: ClassNames(count: 3)))
    var names: [String] = []
    var errors: [SampleError] = []
    for sample in found {
      switch sample {
      case .success(let sample): names.append(sample.name)
      case .failure(let error): errors.append(error)
      }
    }
    return (names, errors)
  }

  /// All complete samples before the cut are read, and the cut is reported once.
  @Test func anArchiveCutAnywhereGivesItsWholeSamples() throws {
    let end = Self.archive.count - 1024
    for length in Array(stride(from: 0, to: end, by: 61)) + Array(stride(from: 0, to: end, by: 512))
    {
      let (names, errors) = try read(Array(Self.archive[..<length]))
      // The last block of a sample holds one byte; the rest of it is padding.
      let whole = (length + 511) / Self.sampleBytes
      #expect(names.count >= length / Self.sampleBytes && names.count <= whole, "\(length)")
      #expect(names == (0..<names.count).map { "s.tar/\($0)" }, "\(length)")
      #expect(errors.count == 1, "\(length): \(errors)")
      #expect(errors.first?.description.contains("downloaded to its end?") == true, "\(errors)")
    }
  }

  @Test func aGzipFileCutAnywhereGivesItsWholeSamples() throws {
    let file = gzip(Self.archive)
    // The end of the archive, and what gzip puts behind it, may be missing.
    for length in stride(from: 0, to: file.count - 1100, by: 53) {
      let (names, errors) = try read(Array(file[..<length]))
      #expect(names == (0..<names.count).map { "s.tar/\($0)" }, "\(length)")
      #expect(names.count <= length / Self.sampleBytes + 1, "\(length)")
      #expect(errors.count == 1, "\(length): \(errors)")
    }
    #expect(try read(file).names.count == 5)
  }

  /// The sample before the cut lacks its label: both are reported.
  @Test func aSampleThatLacksSomethingIsNamedThoughTheNextOneIsCut() throws {
    var tar = TarWriter()
    tar.add("0.jpg", [1, 2, 3])
    tar.add("1.jpg", Array(repeating: 7, count: 2000))
    let (names, errors) = try read(Array(tar.bytes.dropLast(1024)))
    #expect(names.isEmpty)
    #expect(errors.map(\.name).first == "s.tar/0" && errors.count == 2)
  }

  @Test func sizesThatAreClaimedTakeNoMemory() throws {
    for size in [1 << 20, 1 << 32, (1 << 33) - 1] {
      var tar = TarWriter()
      tar.add("0.jpg", [1])
      tar.add("0.cls", Array("1".utf8))
      tar.add("1.jpg", [1, 2, 3], claiming: size)
      let (names, errors) = try read(tar.archive)
      #expect(names == ["s.tar/0"] && errors.count == 1, "\(size): \(errors)")
    }
  }

  @Test func otherFilesAreErrors() throws {
    for bytes in [
      Array("no archive at all".utf8), Array(repeating: UInt8(0x41), count: 5000), [0x1F, 0x8B],
      gzip(Array("no archive".utf8)), gzip([]), [],
    ] {
      let (names, errors) = try read(bytes)
      #expect(names.isEmpty && errors.count == 1, "\(errors)")
      #expect(errors.first?.description.contains(where: \.isNewline) == false)
    }
  }

  @Test func anArchiveOfNothingHoldsNoSamples() throws {
    let (names, errors) = try read(TarWriter().archive)
    #expect(names.isEmpty && errors.isEmpty)
  }

  @Test func flippedBitsGiveSamplesOrErrors() throws {
    print("flipped bits: key flip/tar")
    var random = KeyedRandom(key: "flip/tar")
    for _ in 0..<400 {
      var bytes = Self.archive
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Most of the damage goes to headers.
        let block = Int.random(in: 0..<bytes.count / 512, using: &random)
        bytes[block * 512 + Int.random(in: 0..<345, using: &random)] ^=
          1 << UInt8.random(in: 0...7, using: &random)
      }
      let (names, errors) = try read(bytes)
      #expect(names.count <= 5)
      for error in errors { #expect(error.message.contains(where: \.isNewline) == false) }
    }
  }

  @Test func pipesAndFoldersAreNotWaitedFor() throws {
    let pipe = folder.path("p.tar")
    #expect(mkfifo(pipe, 0o600) == 0)
    let error = #expect(throws: DatasetError.self) { try DatasetSource.open("p.tar", in: folder) }
    #expect(error?.message.contains("is neither a file nor a folder") == true)
    let good = try folder.write(Self.archive, to: "s.tar")
    let shards = try samples(
      ShardDataset(shards: [pipe, folder.url.path, good], classes: ClassNames(count: 3)))
    #expect(shards.count == 7)
  }
}
