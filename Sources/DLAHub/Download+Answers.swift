import DLASystem
import DLAText

extension Download: HTTPReceiver {
  func receive(
    _ bytes: UnsafeRawBufferPointer, of response: HTTPResponse
  ) throws(HubError) -> Bool {
    if !isWriting {
      guard try accept(response) else { return false }
    }
    let limit = info.size ?? limits.bytes
    guard part.count + bytes.count <= limit else {
      throw info.size == nil
        ? tooLarge("sends more than \(limits.bytes) bytes")
        : HubError(.otherContent, "\(name): sends more than the \(limit) bytes it announced")
    }
    try part.append(bytes)
    tick()
    return true
  }

  /// Whether an answer is the file, or the missing part of it, which is then written.
  private func accept(_ response: HTTPResponse) throws(HubError) -> Bool {
    guard response.status == 200 || response.status == 206 else { return false }
    noteHub(response)
    contentType = response["content-type"].map { printable($0) }
    if let encoding = response["content-encoding"], encoding.lowercased() != "identity" {
      throw HubError(
        .refused, "\(name): is sent as \(printable(encoding)), which was not asked for")
    }
    var size = response.length
    if response.status == 206 {
      guard let place = response.part, place.first == part.count, part.count > 0,
        place.total == nil || info.size == nil || place.total == info.size,
        !isOfAnotherVersion(response)
      else {
        refusal = .restart(
          HubError(.refused, "\(name): answers with another part than was asked for"))
        return false
      }
      size = place.total ?? info.size
    }
    try check(size: size)
    let isWhole = response.status == 200
    // An answer with a part need not repeat what the first one said.
    try begin(
      anew: isWhole, validator: isWhole ? response.validator : info.validator,
      size: size ?? linkedSize)
    return true
  }

  /// Whether a part has another ETag, or another date, than what is here.
  private func isOfAnotherVersion(_ response: HTTPResponse) -> Bool {
    guard let new = response.validator, let old = info.validator,
      new.hasPrefix("\"") == old.hasPrefix("\"")
    else { return false }
    return new != old
  }

  private func check(size: Int?) throws(HubError) {
    if let most = [size, linkedSize].compactMap({ $0 }).max(), most > limits.bytes {
      throw tooLarge("announces \(most) bytes, more than \(limits.bytes)")
    }
    // A small answer instead of the file is read to its end, so that it can be named.
    if let size, let linkedSize, size != linkedSize, size > 1 << 20 {
      throw HubError(.otherContent, "\(name): announces \(size) bytes, the hub \(linkedSize)")
    }
  }

  private func tooLarge(_ what: String) -> HubError {
    HubError(.tooLarge, "\(name): \(what); no weights of these networks are that large")
  }

  private var name: String { address.shown }

  /// What became of an answer whose body was written to its end.
  func outcome() -> Outcome {
    guard let size = info.size, part.count < size else { return .complete }
    // Fewer bytes than the hub told may be something else than the file, which can then be named.
    if let file = try? MappedFile(path: part.path),
      withExtendedLifetime(file, { WrongContent.name($0.bytes) }) != nil
    {
      return .complete
    }
    return .broken(
      HubError(.connection, "\(address.shown): ended after \(part.count) of \(size) bytes"))
  }

  /// What to do about a connection that ended before the answer did.
  func outcome(of error: BrokenConnection) throws(HubError) -> Outcome {
    // Of libcurl's numbers: HTTP/2 and 3, half a body, no answer, nothing sent or received.
    let isBroken = [16, 18, 52, 55, 56, 92, 95].contains(error.code)
    // Names that aren't found, hosts that refuse and all else may pass where the file was coming
    // from before; what is no address (3) and bad certificates (60) stay so.
    guard isBroken || (hasAnswered && ![1, 3, 60].contains(error.code)) else {
      throw HubError(.connection, "\(address.shown): \(error.reason)")
    }
    let whole = info.size.map { " of \($0)" } ?? ""
    let place = part.count > 0 ? " after \(part.count)\(whole) bytes" : ""
    return .broken(
      HubError(.connection, "\(address.shown): the connection ended\(place): \(error.reason)"))
  }

  /// What to do about an answer that is neither the file nor a redirect.
  func outcome(of response: HTTPResponse) throws(HubError) -> Outcome {
    let status = response.status
    let asked = address.shown
    switch status {
    case 416:
      return .restart(HubError(.refused, "\(asked): has no bytes from \(part.count) on"))
    case 429, 500...:
      let error = HubError(.refused, "\(asked): HTTP \(status), the server can't answer now")
      return .busy(error, pause: response.number("retry-after").map(Double.init))
    case 401, 403:
      let remedy = source.isHub ? "; set HF_TOKEN to a token that may read it" : ""
      throw HubError(.refused, "\(asked): HTTP \(status), access is refused\(remedy)")
    case 404, 410:
      throw HubError(.refused, "\(asked): HTTP \(status), there is no such file")
    case 407: throw HubError(.refused, "\(asked): HTTP 407, the proxy wants a password")
    default:
      throw HubError(.refused, "\(asked): HTTP \(status) is no answer to a request for a file")
    }
  }
}
