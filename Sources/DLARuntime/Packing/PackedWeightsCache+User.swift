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
    func value(_ name: String) -> String? {
      variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    if let folder = value("DLA_CACHE") {
      return folder == "off" ? nil : PackedWeightsCache(folder: folder)
    }
    #if canImport(Darwin)
      let caches = "Library/Caches"
    #else
      let caches = ".cache"
    #endif
    // Its specification has relative paths ignored.
    let named = value("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (named ?? value("HOME").map { "\($0)/\(caches)" }).map {
      PackedWeightsCache(folder: "\($0)/swift-dla")
    }
  }
}
