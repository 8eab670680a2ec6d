import CDLAArchive

/// libarchive, found when the first archive is read.
///
/// Linked as usual it would take a tenth of the run time of a program that reads no
/// archive, and be a condition of every start.
package struct ArchiveLibrary: @unchecked Sendable {
  /// Addresses of functions, which never change.
  package let functions: dla_archive_functions

  /// The remedy if the library is missing.
  package static let remedy =
    "libarchive is not there; install it (apt-get install libarchive13, or brew install libarchive)"

  /// The library of this system, nil if there is none.
  package static let shared: ArchiveLibrary? = {
    var functions = dla_archive_functions()
    let names = [
      "libarchive.so.13", "libarchive.so", "libarchive.13.dylib", "/usr/lib/libarchive.2.dylib",
    ]
    guard names.contains(where: { dla_archive_load(&functions, $0) == 1 }) else { return nil }
    return ArchiveLibrary(functions: functions)
  }()
}
