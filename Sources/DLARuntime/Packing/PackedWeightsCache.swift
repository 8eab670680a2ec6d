import DLACore

/// A folder of packed weights, so that the next start feature maps them instead of packing again.
///
/// Every file belongs to one content of a weights file, one order of packing, one instruction set and
/// one version of the format. What does not fit exactly is not used but replaced, and whatever goes
/// wrong with the folder only costs the time of packing. Only weights that know what they consist of
/// are kept, such as those of a safetensors file, and only blocks of 4 MB or more.
///
/// Files are trusted as far as their header goes: whoever may write to the folder decides what the
/// networks answer, so it should be the user's own.
public struct PackedWeightsCache: Sendable {
  /// The folder of the files: `packed` in the one that was named.
  public var folder: String { files.path }
  /// Bytes that the files take together at most; those not used for longest make room.
  public var limit: Int { files.limit }
  /// How many files there are, and their bytes.
  public var size: (files: Int, bytes: Int) { files.size }

  private let files: CacheFolder

  /// Keeps packed weights in a folder.
  ///
  /// - Parameters:
  ///   - folder: where `packed` is made with the first file; several processes may share it.
  ///   - limit: bytes that the files take together at most.
  public init(folder: String, limit: Int = 4 << 30) {
    files = CacheFolder(path: "\(folder)/packed", suffix: ".packed", limit: limit)
  }

  /// Finds packed weights.
  ///
  /// - Parameter key: what they must be.
  /// - Returns: the weights in a mapped file, nil if there are none or the file is another.
  func weights(for key: PackedWeightsKey) -> PackedWeights? {
    guard let file = files.file(key.name), let base = key.floats(in: file.bytes) else { return nil }
    files.touch(key.name)
    return PackedWeights(base, in: file)
  }

  /// Keeps packed weights, if the system lets us.
  ///
  /// - Returns: whether they are kept.
  @discardableResult
  func save(_ weights: AlignedFloats, for key: PackedWeightsKey) -> Bool {
    precondition(weights.count == key.floats, "\(weights.count) floats, not \(key.floats)")
    let floats = UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: weights.base, count: key.floats))
    return key.header.withUnsafeBytes { files.save(key.name, [$0, floats]) }
  }
}
