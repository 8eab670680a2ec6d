import DLAArchive
import DLASystem
import DLAText

/// Tar files as WebDataset writes them: each sample is an image and a `.cls` file of equal names.
///
/// Members that follow each other and have the same path up to the first dot of the file's name are
/// one sample. The image is the member that is called jpg, jpeg, jpe, jfif, png, webp or bmp behind
/// that dot, the label the text of the one that is called cls; others, `seg.png` too, are skipped.
/// Shards are streamed, plain or compressed by gzip, bzip2, xz or zstd.
public struct ShardDataset: Dataset {
  private let shards: [String]
  private let labels: LabelReader
  /// A hash of where the shards are, of their lengths and of when they were written.
  public let fingerprint: UInt64

  /// Names shards.
  ///
  /// - Parameters:
  ///   - shards: tar files in their order.
  ///   - classes: the classes of the labels.
  /// - Throws: `DatasetError` if there are none; missing ones of several are reported in their
  ///   place.
  public init(shards: [String], classes: ClassNames) throws(DatasetError) {
    guard let first = shards.first else {
      throw DatasetError("there are no shards; tar files are expected")
    }
    guard shards.contains(where: { Folder.kind(of: $0) == .file }) else {
      let others = shards.count == 1 ? "" : ", nor any of \(shards.count - 1) others"
      throw DatasetError(
        "\(printablePath(first)): there is no such shard\(others); a tar file is expected")
    }
    self.init(shards, LabelReader(classes))
  }

  private init(_ shards: [String], _ labels: LabelReader) {
    (self.shards, self.labels) = (shards, labels)
    let lines = shards.map { "\(resolvedPath($0)) \(Folder.version(of: $0))" }
    fingerprint = Array(lines.joined(separator: "\n").utf8).withUnsafeBytes { xxHash64($0) }
  }

  /// The number of shards.
  public var summary: String { "\(shards.count) tar shard\(shards.count == 1 ? "" : "s")" }

  /// Nil: the number is only known after reading all shards.
  public var count: Int? { nil }

  /// Starts to read at the first shard.
  ///
  /// - Returns: a reader.
  public func reader() -> any SampleReader { ShardReader(shards, labels) }

  /// The same shards in another order, each with its samples in theirs.
  ///
  /// - Parameter seed: any number.
  /// - Returns: the shuffled dataset.
  public func shuffled(seed: UInt64) -> any Dataset {
    ShardDataset(shuffledOrder(of: shards.count, seed: seed).map { shards[Int($0)] }, labels)
  }
}

/// Reads one shard after another.
private struct ShardReader: SampleReader {
  private let labels: LabelReader
  private var shards: ArraySlice<String>
  private var tar: TarReader?
  /// The parts of the current sample that were read.
  private var group: ShardSample?
  /// The first member of the next sample.
  private var after: SampleError?
  /// A sample that was whole when the archive broke behind it.
  private var done: Result<Sample, SampleError>?
  /// The first key of a shard and its first endings, until it turns out to hold a sample.
  private var strange: (key: String, endings: [String])?
  private var hasSample = false

  init(_ shards: [String], _ labels: LabelReader) {
    self.shards = shards[...]
    self.labels = labels
  }

  mutating func next() -> Result<Sample, SampleError>? { next(reads: true, readsFollowing: true) }

  mutating func skip(_ count: Int) {
    for rest in (0..<max(0, count)).reversed() {
      // A sample ends at the first member of the next one.
      guard next(reads: false, readsFollowing: rest == 0) != nil else { return }
    }
  }

  /// The next sample; the images of it and of the following one are read or skipped.
  private mutating func next(reads: Bool, readsFollowing: Bool) -> Result<Sample, SampleError>? {
    if let error = after {
      after = nil
      return .failure(error)
    }
    while let shard = shards.first {
      do throws(ArchiveError) {
        if let sample = try advance(shard, reads, readsFollowing) { return sample }
      } catch {
        let failure = SampleError(name: shard, message: error.description)
        // Whole are only samples that lack nothing.
        let last = done ?? group.flatMap { $0.isWhole ? $0.sample(labels) : nil }
        leaveShard()
        guard let last else { return .failure(failure) }
        after = failure
        return last
      }
    }
    return nil
  }

  private mutating func leaveShard() {
    tar = nil
    group = nil
    done = nil
    strange = nil
    hasSample = false
    shards.removeFirst()
  }

  /// Reads members up to the first of another sample.
  ///
  /// - Returns: the sample before it; nil at the end of a shard without one.
  private mutating func advance(
    _ shard: String, _ reads: Bool, _ readsFollowing: Bool
  ) throws(ArchiveError) -> Result<Sample, SampleError>? {
    let tar = try opened(shard)
    while let member = try tar.nextFile() {
      guard member.utf8.count <= ImageRoot.longestPath else {
        let message =
          "holds a path of \(member.utf8.count) bytes; at most \(ImageRoot.longestPath) are expected"
        return .failure(SampleError(name: shard, message: message))
      }
      guard let (key, ending) = Self.parts(of: member) else { continue }
      var sample = ShardSample(shard: shard, key: key)
      var isRead = reads
      if let group, group.key == key {
        sample = group
      } else if let group {
        done = group.sample(labels)
        isRead = readsFollowing
      }
      try sample.add(ending, from: tar, isRead: isRead)
      note(key, ending, sample)
      group = sample
      if let done {
        self.done = nil
        return done
      }
    }
    let last = group?.sample(labels) ?? noSample(shard)
    leaveShard()
    return last
  }

  /// Remembers what there is as long as it is no part of a sample.
  private mutating func note(_ key: String, _ ending: String, _ sample: ShardSample) {
    hasSample = hasSample || !sample.isEmpty
    guard !hasSample else {
      strange = nil
      return
    }
    strange = strange ?? (key, [])
    if let strange, strange.endings.count < 8, !strange.endings.contains(ending) {
      self.strange?.endings.append(ending)
    }
  }

  /// The error about a shard that has files and no sample; nil for others.
  private func noSample(_ shard: String) -> Result<Sample, SampleError>? {
    strange.map { key, endings in
      .failure(
        SampleError(
          name: shard,
          message:
            "holds no images or labels: the first key is \"\(printablePath(key))\", extensions "
            + "are \(summary(of: endings, limit: 8)); a key ends at the first dot, and jpg, png, "
            + "webp or bmp and cls are expected behind it"))
    }
  }

  private mutating func opened(_ shard: String) throws(ArchiveError) -> TarReader {
    if let tar { return tar }
    let reader = try TarReader(path: shard)
    tar = reader
    return reader
  }

  /// A member's path up to the first dot of its file's name, and what follows the dot.
  private static func parts(of path: String) -> (key: String, ending: String)? {
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:))
    guard let dot = path.utf8[(name ?? path.startIndex)...].firstIndex(of: UInt8(ascii: ".")),
      dot != name ?? path.startIndex
    else { return nil }
    return (String(path[..<dot]), path[path.utf8.index(after: dot)...].lowercased())
  }
}
