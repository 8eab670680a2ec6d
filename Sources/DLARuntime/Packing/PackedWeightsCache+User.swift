import DLACore

extension PackedWeightsCache {
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
