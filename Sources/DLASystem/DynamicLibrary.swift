/// A shared library that is loaded when the program needs it, and stays loaded.
package struct DynamicLibrary: @unchecked Sendable {
  /// The path or name it was loaded by.
  package let name: String
  private let handle: UnsafeMutableRawPointer

  /// Why a library is of no use.
  package struct LoadError: Error {
    /// In the system's words.
    package let why: String
  }

  /// Loads a library.
  ///
  /// - Parameter name: a path, or a name to be looked for where the system keeps libraries.
  /// - Throws: `LoadError`.
  package init(_ name: String) throws(LoadError) {
    let loaded = Platform.load(library: name)
    guard let handle = loaded.handle else { throw LoadError(why: loaded.why) }
    self.name = name
    self.handle = handle
  }

  /// One of its functions.
  ///
  /// - Parameters:
  ///   - name: its name in the library.
  ///   - type: its type, `@convention(c)`; nobody checks that it is the function's.
  /// - Returns: the function.
  /// - Throws: `LoadError` if the library has none of that name.
  package func function<Function>(
    _ name: String, as type: Function.Type = Function.self
  ) throws(LoadError) -> Function {
    guard let address = Platform.symbol(name, in: handle) else {
      throw LoadError(why: "it has no \(name)")
    }
    return unsafeBitCast(address, to: type)
  }
}
