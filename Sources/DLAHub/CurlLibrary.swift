import CDLACurl

/// libcurl, loaded when it is first needed.
///
/// Foundation's `URLSession` would more than double the size of the program and make libcurl necessary
/// for commands that download nothing.
// Unchecked: function pointers of C are not Sendable; these are set once and never change.
package struct CurlLibrary: @unchecked Sendable {
  let functions: dla_curl

  /// The library of this system, or the reason why there is none.
  package static let shared: Result<CurlLibrary, HubError> = load([
    "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib",
    "/usr/lib/libcurl.4.dylib",
  ])

  /// Loads the first library that exists, of file names in the system's library folders or paths.
  ///
  /// - Returns: the library, or an error that names the package to install.
  package static func load(_ names: [String]) -> Result<CurlLibrary, HubError> {
    var functions = dla_curl()
    guard names.contains(where: { dla_curl_load(&functions, $0) == 1 }),
      dla_curl_global_init(&functions, DLA_CURL_GLOBAL_DEFAULT) == 0
    else {
      return .failure(
        HubError(
          .noLibrary,
          "downloads need libcurl; install it with apt-get install libcurl4 or brew install curl"))
    }
    return .success(CurlLibrary(functions: functions))
  }
}
