/// The folder of everything that may be kept for the user who runs the program.
///
/// `DLA_CACHE` names it or is `off`, in any case. Otherwise it is `swift-dla` in `XDG_CACHE_HOME` or in the home's
/// `.cache`, on macOS in `Library/Caches`.
///
/// - Parameter variable: the value of an environment variable, nil if it is not set.
/// - Returns: the folder, which need not exist; nil if it is turned off or there is no home.
package func userCacheFolder(_ variable: (String) -> String?) -> String? {
  func value(_ name: String) -> String? {
    variable(name).flatMap { $0.isEmpty ? nil : $0 }
  }
  if let folder = value("DLA_CACHE") { return folder.lowercased() == "off" ? nil : folder }
  #if canImport(Darwin)
    let caches = "Library/Caches"
  #else
    let caches = ".cache"
  #endif
  // Its specification has relative paths ignored.
  let named = value("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
  return (named ?? value("HOME").map { "\($0)/\(caches)" }).map { "\($0)/swift-dla" }
}
