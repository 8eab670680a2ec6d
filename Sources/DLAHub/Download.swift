import DLASystem

/// The download of one source into a part file; resumes an interrupted one.
final class Download {
  /// The end of an attempt.
  enum Outcome {
    case complete
    case restart(HubError)
    case broken(HubError)
    case busy(HubError, pause: Double?)
  }

  let source: WeightsSource
  let part: PartFile
  let limits: FetchLimits
  private let infoPath: String
  private let client: HTTPClient
  private let report: (TransferRate.Progress) -> Void
  private var rate = TransferRate()

  private(set) var info: PartInfo
  /// The current address: the source's, or a redirect's.
  private(set) var address: WebAddress
  /// True if the server has sent the file or a part of it before.
  private(set) var hasAnswered = false
  /// The size that the hub announced, which takes precedence over the response.
  var linkedSize: Int?
  var contentType: String?
  /// True if the body of the response is being written.
  var isWriting = false
  /// Bytes of a redirect's own body, which nobody needs.
  var passedOver = 0
  /// The reason why the response can't be used although it is the file.
  var refusal: Outcome?

  /// Opens the part file; its properties are stored in a file with the suffix `.info`.
  ///
  /// - Throws: `HubError` if there is no libcurl or the part file can't be written.
  init(
    _ source: WeightsSource, into path: String, limits: FetchLimits,
    report: @escaping (TransferRate.Progress) -> Void
  ) throws(HubError) {
    self.source = source
    address = source.address
    (self.limits, self.report) = (limits, report)
    client = try HTTPClient(silence: limits.silence)
    infoPath = "\(path).info"
    part = try PartFile(path: path)
    info = PartInfo(address: source.address, hash: source.hash)
    if let earlier = PartInfo(path: infoPath), isSameFile(earlier) {
      info = earlier
    } else {
      try part.clear()
    }
  }

  func discard() {
    Folder.remove(part.path)
    Folder.remove(infoPath)
  }

  func finish(as path: String) throws(HubError) {
    try part.finish(as: path)
    Folder.remove(infoPath)
  }

  /// True if an earlier attempt has received all bytes.
  var isComplete: Bool { part.count > 0 && part.count == info.size }

  /// True if an earlier attempt was of the same file and can be resumed.
  private func isSameFile(_ earlier: PartInfo) -> Bool {
    guard earlier.address == info.address, part.count <= earlier.size ?? limits.bytes else {
      return false
    }
    return source.hash == nil || earlier.hash == source.hash
  }

  /// Downloads the file, with retries.
  ///
  /// - Throws: `HubError` if the source fails; the part file stays.
  func fetch() throws(HubError) {
    var (broken, busy, restarts) = (0, 0, 0)
    var furthest = part.count
    for attempt in 1... {
      let last: HubError
      var pause = limits.firstPause
      switch try self.attempt() {
      case .complete: return
      case .restart(let error):
        restarts += 1
        guard restarts <= limits.restarts else { throw error }
        try part.clear()
        (last, pause) = (error, 0)
      case .broken(let error):
        // Only new bytes count as progress.
        if part.count >= furthest + limits.progressBytes { (broken, furthest) = (0, part.count) }
        guard broken < limits.brokenConnections else { throw error }
        pause *= Double(1 << broken)
        broken += 1
        last = error
      case .busy(let error, let asked):
        busy += 1
        guard busy <= limits.busyAnswers else { throw error }
        pause = min(asked ?? pause * Double(1 << busy), limits.longestPause)
        last = error
      }
      guard attempt < limits.attempts else { throw last }
      Platform.sleep(seconds: pause)
    }
  }

  /// Requests the missing bytes once, following redirects.
  private func attempt() throws(HubError) -> Outcome {
    // Without validator or hash, the rest may belong to another version of the file.
    if part.count > 0 && info.validator == nil && info.hash == nil { try part.clear() }
    address = source.address
    for _ in 0...limits.redirects {
      var headers: [String] = []
      if part.count > 0 {
        headers.append("Range: bytes=\(part.count)-")
        if let validator = info.validator { headers.append("If-Range: \(validator)") }
      }
      if let token = source.token, address.origin == source.address.origin {
        headers.append("Authorization: Bearer \(token)")
      }
      (isWriting, refusal, passedOver) = (false, nil, 0)
      let answer: (response: HTTPResponse, redirect: String?)
      do {
        answer = try client.get(address, headers: headers, to: self)
      } catch let error as BrokenConnection {
        return try outcome(of: error)
      } catch {
        throw error as? HubError ?? HubError(.connection, "\(address.shown): \(error)")
      }
      noteHub(answer.response)
      if let refusal { return refusal }
      if isWriting { return outcome() }
      guard let redirect = answer.redirect, (300..<400).contains(answer.response.status) else {
        return try outcome(of: answer.response)
      }
      address = try address.redirected(to: redirect)
    }
    throw HubError(
      .refused, "\(source.address.shown): more than \(limits.redirects) redirects")
  }

  /// Reads size and hash from the hub's response, which precedes the redirect to the storage.
  ///
  /// An ETag of the storage may be another hash of the same length.
  func noteHub(_ response: HTTPResponse) {
    guard source.isHub, address.origin == source.address.origin, response.status < 400 else {
      return
    }
    if let size = response.number("x-linked-size") { linkedSize = size }
    let ownTag = response["x-repo-commit"] == nil ? nil : response["etag"]
    guard source.hash == nil, let tag = response["x-linked-etag"] ?? ownTag,
      let hash = ExpectedHash(tag.filter { $0 != "\"" }), hash.digits.utf8.count == 64
    else { return }
    if info.hash != hash && part.count > 0 && !isWriting { try? part.clear() }
    info.hash = hash
  }

  /// Starts or continues writing the part file and its properties.
  func begin(anew: Bool, validator: String?, size: Int?) throws(HubError) {
    if anew { try part.clear() }
    info.validator = validator
    info.size = size
    try info.write(to: infoPath)
    isWriting = true
    hasAnswered = true
  }

  func tick() {
    guard isWriting,
      let progress = rate.update(
        received: part.count, total: info.size, at: Platform.monotonicSeconds)
    else { return }
    report(progress)
  }
}
