import DLASystem

/// Fetches the file of one source into a part file, going on where an earlier attempt broke off.
final class Download {
  /// How an attempt ended that may be followed by another.
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

  /// What is known of the file that is being fetched.
  private(set) var info: PartInfo
  /// The address that is being asked: the source's, or where it redirects to.
  private(set) var address: WebAddress
  /// Whether the file, or a part of it, was answered with before.
  private(set) var hasAnswered = false
  /// What the hub says of its size, which outweighs what the answer says.
  var linkedSize: Int?
  /// How the answer describes its body.
  var contentType: String?
  /// Whether the answer at hand is the file and is being written.
  var isWriting = false
  /// Why the answer at hand can't be used although it is the file.
  var refusal: Outcome?

  /// Opens the part file.
  ///
  /// - Parameters:
  ///   - source: where the file is.
  ///   - path: the part file; `.info` is added for what is known of it.
  ///   - limits: what it may cost.
  ///   - report: called now and then with how far it is.
  /// - Throws: `HubError` if there is no libcurl or the part file can't be written.
  init(
    _ source: WeightsSource, into path: String, limits: FetchLimits,
    report: @escaping (TransferRate.Progress) -> Void
  ) throws(HubError) {
    self.source = source
    address = source.address
    self.limits = limits
    self.report = report
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

  /// Removes what has arrived.
  func discard() {
    Folder.remove(part.path)
    Folder.remove(infoPath)
  }

  /// Gives the whole file its name.
  func finish(as path: String) throws(HubError) {
    try part.finish(as: path)
    Folder.remove(infoPath)
  }

  /// Whether all bytes of an earlier attempt are here, so that nobody needs to be asked.
  var isComplete: Bool { part.count > 0 && part.count == info.size }

  /// Whether notes of an earlier attempt are of the file that is wanted, and may be gone on with.
  private func isSameFile(_ earlier: PartInfo) -> Bool {
    guard earlier.address == info.address, part.count <= earlier.size ?? limits.bytes else {
      return false
    }
    return source.hash == nil || earlier.hash == source.hash
  }

  /// Fetches until all is there.
  ///
  /// - Throws: `HubError` when it is clear that this source will not give it; what has arrived stays.
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
        // Bytes that had been here before are no progress.
        if part.count >= furthest + limits.progressBytes {
          (broken, furthest) = (0, part.count)
        }
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

  /// Asks once for what is missing, through all redirects.
  private func attempt() throws(HubError) -> Outcome {
    // Without a name for its version, the rest may be another file's, unless its hash is known.
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
      (isWriting, refusal) = (false, nil)
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
      address = try WebAddress(redirect, name: "the redirect of \(address.shown)")
    }
    throw HubError(
      .refused, "\(source.address.shown): more than \(limits.redirects) redirects, one to the next")
  }

  /// Takes size and hash from the hub, which tells them before it redirects to where the file lies.
  ///
  /// Where it lies, an ETag of as many digits may be any other hash.
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

  /// Begins the file anew, or goes on where it ended, with notes that say of which file it is.
  func begin(anew: Bool, validator: String?, size: Int?) throws(HubError) {
    if anew { try part.clear() }
    info.validator = validator
    info.size = size
    try info.write(to: infoPath)
    isWriting = true
    hasAnswered = true
  }

  /// How far it is.
  func tick() {
    guard isWriting,
      let progress = rate.update(
        received: part.count, total: info.size, at: Platform.monotonicSeconds)
    else { return }
    report(progress)
  }
}
