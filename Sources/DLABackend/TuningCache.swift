import DLASystem

/// A folder of timings, so that the next start chooses as this one without measuring.
///
/// Every file belongs to one processor, instruction set, count of threads and version of the engine.
/// Files are checked when they are read: what is broken or of another machine is not used, and
/// replaced when something is timed. The worst a file can do is to choose a slow algorithm. Whatever
/// goes wrong with the folder only costs the time of measuring.
public struct TuningCache: Sendable {
  /// The folder of the files: `tuning` in the one that was named.
  public var folder: String { files.path }
  /// How many files there are, and their bytes.
  public var size: (files: Int, bytes: Int) { files.size }

  package let files: CacheFolder

  /// The cache of the user who runs the program, beside the packed weights; nil if it is turned off
  /// or there is no home.
  ///
  /// `DLA_CACHE` names the folder or is `off`. Otherwise it is `swift-dla` in `XDG_CACHE_HOME` or in
  /// the home's `.cache`, on macOS in `Library/Caches`.
  public static var user: TuningCache? {
    userCacheFolder(Platform.environment).map { TuningCache(folder: $0) }
  }

  /// Keeps timings in a folder.
  ///
  /// - Parameter folder: where `tuning` is made with the first file; several processes may share it.
  public init(folder: String) {
    files = CacheFolder(
      path: "\(folder)/tuning", suffix: ".txt", limit: 16 << 20)
  }
}
