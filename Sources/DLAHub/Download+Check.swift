import DLASystem
import DLAText

extension Download {
  /// Checks the complete file: not a web page, size, SHA-256, and the caller's check.
  ///
  /// - Throws: `HubError` with what the file is instead.
  func check(_ verify: (String) throws -> Void) throws(HubError) {
    let name = source.address.shown
    let file: MappedFile
    do {
      file = try MappedFile(path: part.path)
    } catch {
      throw HubError(.file, "\(error)")
    }
    defer { withExtendedLifetime(file) {} }
    // Before size and hash: "a web page" explains more than "another hash".
    if let wrong = WrongContent.name(file.bytes), source.suffix != ".json" || wrong != "JSON text" {
      throw HubError(
        .notCheckpoint,
        "\(name): the response is \(wrong) (\(file.bytes.count) bytes), not a checkpoint"
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
          .otherContent,
          "\(name): the SHA-256 is \(hash), \(expected) is expected; the file was deleted")
      }
    }
    do {
      try verify(part.path)
    } catch {
      let said = contentType.map { " (\($0))" } ?? ""
      var reason = "\(error)"
      // The temporary file is deleted before the message is shown.
      if reason.hasPrefix("\(part.path): ") { reason.removeFirst(part.path.count + 2) }
      throw HubError(.notCheckpoint, "\(name): the response\(said) is not a checkpoint: \(reason)")
    }
  }
}
