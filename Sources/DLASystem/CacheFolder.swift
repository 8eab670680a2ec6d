/// The folder of data that can be derived or fetched again: packed weights, timings, GPU kernels,
/// downloaded weights and interrupted evaluations.
///
/// Several processes may share it. A problem with the folder only costs the time of deriving the
/// data again. Packed weights and kernels are trusted as far as their headers go, so only the user
/// should be able to write to it.
public struct CacheFolder: Sendable {
  /// The folder; it need not exist.
  public let path: String
  /// The limit of the bytes of all packed weights together; the least recently used are removed.
  public let packedWeightsLimit: Int

  /// Describes a folder.
  ///
  /// - Parameters:
  ///   - path: the folder; it is created with the first file.
  ///   - packedWeightsLimit: the limit of the bytes of all packed weights together.
  public init(path: String, packedWeightsLimit: Int = 4 << 30) {
    (self.path, self.packedWeightsLimit) = (path, packedWeightsLimit)
  }

  /// The folder of the current user; nil if caching is turned off or there is no home.
  ///
  /// The environment variable `DLA_CACHE` names the folder or is `off`, in any case. Otherwise it
  /// is `swift-dla` in `XDG_CACHE_HOME` or in the home's `.cache`, on macOS in `Library/Caches`.
  public static var user: CacheFolder? { user(Platform.environment) }

  /// The folder that an environment specifies; `variable` gives a variable's value, nil if it is
  /// not set.
  ///
  /// - Returns: the folder; nil if caching is turned off or there is no home.
  package static func user(_ variable: (String) -> String?) -> CacheFolder? {
    func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let path = value("DLA_CACHE") {
      return path.lowercased() == "off" ? nil : CacheFolder(path: path)
    }
    #if canImport(Darwin)
      let caches = "Library/Caches"
    #else
      let caches = ".cache"
    #endif
    // The XDG specification says that relative paths are ignored.
    let named = value("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (named ?? value("HOME").map { "\($0)/\(caches)" })
      .map { CacheFolder(path: "\($0)/swift-dla") }
  }

  /// Packed weights of the CPU engine.
  package var packedWeights: CachedFiles {
    CachedFiles(path: "\(path)/packed", suffix: ".packed", limit: packedWeightsLimit)
  }

  package var timings: CachedFiles {
    CachedFiles(path: "\(path)/tuning", suffix: ".txt", limit: 16 << 20)
  }

  package var gpuKernels: CachedFiles {
    CachedFiles(path: "\(path)/cuda", suffix: ".cubin", limit: 256 << 20)
  }

  package var downloads: String { "\(path)/weights" }

  /// The folder of the outcomes of interrupted evaluations.
  package var evaluations: String { "\(path)/evaluations" }
}
