/// A shared library that is loaded at run time and stays loaded.
package struct DynamicLibrary: @unchecked Sendable {
  // Unchecked: a handle of `dlopen` may be used from all threads.
  /// The path or name it was loaded by.
  package let name: String
  private let handle: UnsafeMutableRawPointer

  /// The reason why a library can't be loaded or used.
  package struct LoadError: Error {
    /// The system's message.
    package let why: String
  }

  /// Loads a library.
  ///
  /// - Throws: `LoadError`.
  package init(_ name: String) throws(LoadError) {
    let loaded = Platform.load(library: name)
    guard let handle = loaded.handle else { throw LoadError(why: loaded.why) }
    (self.name, self.handle) = (name, handle)
  }

  /// One of its functions; the type, `@convention(c)`, is not checked.
  ///
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
