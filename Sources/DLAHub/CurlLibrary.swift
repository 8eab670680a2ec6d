import CDLACurl

/// libcurl, found when it is first needed.
///
/// Foundation's `URLSession` would more than double the program and make libcurl a condition of every
/// start, also of those that fetch nothing.
package struct CurlLibrary: @unchecked Sendable {
  /// Addresses of functions, which never change.
  let functions: dla_curl

  /// The library of this system, or why there is none.
  package static let shared: Result<CurlLibrary, HubError> = load([
    "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib",
    "/usr/lib/libcurl.4.dylib",
  ])

  /// Loads the first library that is there.
  ///
  /// - Parameter names: file names, which are looked for where the system keeps libraries, or paths.
  /// - Returns: the library, or an error that says what to install.
  package static func load(_ names: [String]) -> Result<CurlLibrary, HubError> {
    var functions = dla_curl()
    guard names.contains(where: { dla_curl_load(&functions, $0) == 1 }),
      dla_curl_global_init(&functions, DLA_CURL_GLOBAL_DEFAULT) == 0
    else {
      return .failure(
        HubError(
          .noLibrary,
          "nothing can be fetched without libcurl; install it (apt-get install libcurl4, or "
            + "brew install curl)"))
    }
    return .success(CurlLibrary(functions: functions))
  }
}
