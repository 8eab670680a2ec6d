import DLASystem

/// A folder of packed weights, so that the next start maps them instead of packing again.
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

  package let files: CacheFolder

  /// Keeps packed weights in a folder.
  ///
  /// - Parameters:
  ///   - folder: where `packed` is made with the first file; several processes may share it.
  ///   - limit: bytes that the files take together at most.
  public init(folder: String, limit: Int = 4 << 30) {
    files = CacheFolder(path: "\(folder)/packed", suffix: ".packed", limit: limit)
  }

  /// The cache of the user who runs the program; nil if it is turned off or there is no home.
  ///
  /// `DLA_CACHE` names the folder or is `off`. Otherwise it is `swift-dla` in `XDG_CACHE_HOME` or in
  /// the home's `.cache`, on macOS in `Library/Caches`.
  public static var user: PackedWeightsCache? { user(Platform.environment) }

  /// The cache that an environment leads to.
  ///
  /// - Parameter variable: the value of an environment variable, nil if it is not set.
  /// - Returns: the cache; nil if it is turned off or there is no home.
  package static func user(_ variable: (String) -> String?) -> PackedWeightsCache? {
    userCacheFolder(variable).map { PackedWeightsCache(folder: $0) }
  }
}
