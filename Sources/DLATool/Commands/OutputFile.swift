import DLASystem

/// Files that commands write.
enum OutputFile {
  /// Refuses to replace a file that is also read.
  static func requireApart(_ output: String, from input: String) throws {
    guard !areSameFile(output, input) else {
      throw UsageError("\(output) is read and would be replaced; name another file to write")
    }
  }
}
