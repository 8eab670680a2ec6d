import DLASystem
import DLAText

extension Download {
  /// Checks the whole file: that it is no web page, its size, its SHA-256, and what the caller asks.
  ///
  /// - Parameter verify: throws if the file at a path is no checkpoint.
  /// - Throws: `HubError` saying what it is instead; the file is then of no use.
  func check(_ verify: (String) throws -> Void) throws(HubError) {
    let name = source.address.shown
    let file: MappedFile
    do {
      file = try MappedFile(path: part.path)
    } catch {
      throw HubError(.file, "\(error)")
    }
    defer { withExtendedLifetime(file) {} }
    // Before size and hash: "another hash" is true of a web page, but tells nobody what happened.
    if let wrong = WrongContent.name(file.bytes) {
      throw HubError(
        .notCheckpoint, "\(name): the answer is \(wrong) (\(file.bytes.count) bytes), no checkpoint"
      )
    }
    if let expected = linkedSize ?? info.size, file.bytes.count != expected {
      throw HubError(
        .otherContent, "\(name): \(file.bytes.count) bytes arrived, \(expected) are expected")
    }
    if let expected = info.hash {
      let hash = SHA256.hash(of: file)
      guard expected.matches(hash) else {
        throw HubError(
          .otherContent, "\(name): the SHA-256 is \(hash), \(expected) is expected; not kept")
      }
    }
    do {
      try verify(part.path)
    } catch {
      let said = contentType.map { " (\($0))" } ?? ""
      var reason = "\(error)"
      // The file's temporary name is gone when this is read.
      if reason.hasPrefix("\(part.path): ") { reason.removeFirst(part.path.count + 2) }
      throw HubError(.notCheckpoint, "\(name): the answer\(said) is no checkpoint: \(reason)")
    }
  }
}
