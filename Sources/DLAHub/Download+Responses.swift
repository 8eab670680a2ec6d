import DLASystem
import DLAText

extension Download: HTTPReceiver {
  func receive(
    _ bytes: UnsafeRawBufferPointer, of response: HTTPResponse
  ) throws(HubError) -> Bool {
    if (300..<400).contains(response.status) {
      passedOver += bytes.count
      // libcurl names the target only of a response that was read to its end.
      guard passedOver <= 1 << 20 else {
        throw HubError(.refused, "\(name): redirects with more than 1 MiB of text")
      }
      return true
    }
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

  /// True if the response is the file or its missing part, which is then written.
  private func accept(_ response: HTTPResponse) throws(HubError) -> Bool {
    guard response.status == 200 || response.status == 206 else { return false }
    noteHub(response)
    contentType = response["content-type"].map { printable($0) }
    if let encoding = response["content-encoding"], encoding.lowercased() != "identity" {
      throw HubError(
        .refused,
        "\(name): has the content encoding \(printable(encoding)), which was not requested")
    }
    var size = response.length
    if response.status == 206 {
      guard let place = response.part, place.first == part.count, part.count > 0,
        place.total == nil || info.size == nil || place.total == info.size,
        !isOfAnotherVersion(response)
      else {
        refusal = .restart(
          HubError(.refused, "\(name): sends another byte range than the requested one"))
        return false
      }
      size = place.total ?? info.size
    }
    try check(size: size)
    let isWhole = response.status == 200
    // A partial response need not repeat validator and size.
    try begin(
      anew: isWhole, validator: isWhole ? response.validator : info.validator,
      size: size ?? linkedSize)
    return true
  }

  /// True if a partial response has another ETag or date than the part file.
  private func isOfAnotherVersion(_ response: HTTPResponse) -> Bool {
    guard let new = response.validator, let old = info.validator,
      new.hasPrefix("\"") == old.hasPrefix("\"")
    else { return false }
    return new != old
  }

  private func check(size: Int?) throws(HubError) {
    if let size = [size, linkedSize].compactMap({ $0 }).max(), size > limits.bytes {
      throw tooLarge("announces \(size) bytes, more than \(limits.bytes)")
    }
    // A small response of another size is read to its end, to report what it is.
    if let size, let linkedSize, size != linkedSize, size > 1 << 20 {
      throw HubError(.otherContent, "\(name): announces \(size) bytes, the hub \(linkedSize)")
    }
  }

  private func tooLarge(_ what: String) -> HubError {
    HubError(.tooLarge, "\(name): \(what); no weights of these networks are that large")
  }

  private var name: String { address.shown }

  /// The outcome of a response whose body was written completely.
  func outcome() -> Outcome {
    guard let size = info.size, part.count < size else { return .complete }
    // Fewer bytes than the hub announced may be an error page, which `check` reports.
    if let file = try? MappedFile(path: part.path),
      withExtendedLifetime(file, { WrongContent.name($0.bytes) }) != nil
    {
      return .complete
    }
    return .broken(
      HubError(.connection, "\(address.shown): ended after \(part.count) of \(size) bytes"))
  }

  /// The outcome of a connection that ended before the response did.
  func outcome(of error: BrokenConnection) throws(HubError) -> Outcome {
    // libcurl: HTTP/2 and HTTP/3 errors, partial body, empty response, send and receive errors.
    let isBroken = [16, 18, 52, 55, 56, 92, 95].contains(error.code)
    // Other errors may be transient if the host has answered before; bad addresses (3) and bad
    // certificates (60) are not.
    guard isBroken || (hasAnswered && ![1, 3, 60].contains(error.code)) else {
      throw HubError(.connection, "\(address.shown): \(error.reason)")
    }
    let whole = info.size.map { " of \($0)" } ?? ""
    let place = part.count > 0 ? " after \(part.count)\(whole) bytes" : ""
    return .broken(
      HubError(.connection, "\(address.shown): the connection ended\(place): \(error.reason)"))
  }

  /// The outcome of a response that is neither the file nor a redirect.
  func outcome(of response: HTTPResponse) throws(HubError) -> Outcome {
    let status = response.status
    let asked = address.shown
    switch status {
    case 416:
      return .restart(HubError(.refused, "\(asked): has no bytes from \(part.count) on"))
    case 429, 500...:
      let error = HubError(.refused, "\(asked): HTTP \(status), the server is not available")
      return .busy(error, pause: response.retryAfter(now: Platform.secondsSince1970))
    case 401, 403:
      let remedy = source.isHub ? "; set HF_TOKEN to a token with read access" : ""
      throw HubError(.refused, "\(asked): HTTP \(status), access is refused\(remedy)")
    case 404, 410:
      throw HubError(.refused, "\(asked): HTTP \(status), there is no such file")
    case 407: throw HubError(.refused, "\(asked): HTTP 407, the proxy requires a password")
    default:
      throw HubError(.refused, "\(asked): HTTP \(status), an unexpected status")
    }
  }
}
