import DLASystem
import DLAText

/// Downloads the weights of a network from the first available source.
///
/// At most ten redirects are followed, none from https to http. A token is sent to its host only.
/// Proxies are those of libcurl's environment variables.
package struct Fetcher: Sendable {
  package enum Event: Sendable {
    /// Another process downloads the same file; this one waits for it.
    case waiting
    case progress(WeightsSource.Publisher, TransferRate.Progress)
    /// A source failed and the next one is tried.
    case failed(WeightsSource.Publisher, HubError)
  }

  /// The destination of the file.
  package enum Place: Sendable {
    case store(WeightsStore)
    /// A file of this name.
    case file(String)
  }

  package struct Result: Sendable {
    package let path: String
    package let publisher: WeightsSource.Publisher
    /// True if it had been downloaded before.
    package let wasKept: Bool
  }

  /// True to download again and replace an existing file when the new one is complete.
  package var isForced = false
  /// Throws if the file at a path is no checkpoint; the error becomes part of the message.
  package var verify: @Sendable (String) throws -> Void
  package let report: @Sendable (Event) -> Void
  package var limits = FetchLimits()

  package init(
    isForced: Bool = false, verify: @escaping @Sendable (String) throws -> Void,
    report: @escaping @Sendable (Event) -> Void
  ) {
    (self.isForced, self.verify, self.report) = (isForced, verify, report)
  }

  /// Downloads the weights of a network, unless they are in the cache.
  ///
  /// Of several processes, one downloads and the others wait for it. An interrupted download leaves
  /// `.part` files that the next one resumes.
  ///
  /// - Throws: `HubError` of the last source, or if the destination can't be written.
  package func fetch(
    _ model: String, from sources: [WeightsSource], to place: Place
  ) throws(HubError) -> Result {
    if !isForced, let kept = kept(model, sources, place) { return kept }
    let lockPath: String
    switch place {
    case .store(let store):
      Folder.create(store.folder)
      if sources.contains(where: { $0.fileName != nil }) {
        Folder.create("\(store.folder)/\(model)")
      }
      lockPath = "\(store.folder)/\(model).lock"
    case .file(let path):
      try requireFree(path)
      // `FILE.lock` may belong to the user.
      lockPath = "\(path).pull.lock"
    }
    var hasWaited = false
    let lock = try FileLock.acquire(lockPath) {
      hasWaited = true
      report(.waiting)
    }
    defer { withExtendedLifetime(lock) {} }
    // The process that this one waited for may have downloaded the file.
    if !isForced || hasWaited, let kept = kept(model, sources, place, isFresh: hasWaited) {
      return kept
    }
    // Another process may have created the file.
    if case .file(let path) = place { try requireFree(path) }
    return try fetchFirst(model, sources, place)
  }

  private func requireFree(_ path: String) throws(HubError) {
    let exists = try existsAsFile(path)
    guard isForced || !exists else {
      throw HubError(.exists, "\(printablePath(path)): the file exists")
    }
  }

  private func fetchFirst(
    _ model: String, _ sources: [WeightsSource], _ place: Place
  ) throws(HubError) -> Result {
    var last = HubError(.unusableRequest, "\(model): there is no source")
    for (number, source) in sources.enumerated() {
      let path = path(model, source, place)
      do throws(HubError) {
        try fetch(source, to: path, through: partPath(path, place))
        return Result(path: path, publisher: source.publisher, wasKept: false)
      } catch {
        // Another source does not help against a full disk or a missing library, and whoever forbids
        // requests to one host expects none to others.
        guard ![.file, .noLibrary, .offline].contains(error.code) else { throw error }
        // Sources differ in their weights: a started download is better resumed.
        guard error.code != .connection || !isFilled(partPath(path, place)) else {
          throw HubError(
            .connection, "\(error.message); run the same command to resume the download")
        }
        last = error
        if number + 1 < sources.count { report(.failed(source.publisher, error)) }
      }
    }
    throw last
  }

  private func fetch(
    _ source: WeightsSource, to path: String, through partPath: String
  ) throws(HubError) {
    guard !source.isOffline else {
      throw HubError(
        .offline,
        "\(source.address.shown): HF_HUB_OFFLINE forbids the download; unset it, or name another source"
      )
    }
    let download = try Download(source, into: partPath, limits: limits) {
      report(.progress(source.publisher, $0))
    }
    if download.isComplete {
      // An earlier process ended before the check.
      if (try? download.check(verify)) != nil { return try download.finish(as: path) }
      try download.part.clear()
    }
    do throws(HubError) {
      try download.fetch()
      try download.check(verify)
    } catch {
      switch error.code {
      case .notCheckpoint, .otherContent, .tooLarge: download.discard()
      default: if download.part.count == 0 { download.discard() }
      }
      throw error
    }
    try download.finish(as: path)
  }

  /// A usable file from an earlier download.
  private func kept(
    _ model: String, _ sources: [WeightsSource], _ place: Place, isFresh: Bool = false
  ) -> Result? {
    // A file of the user is not trusted because of its name.
    if case .file = place, !isFresh { return nil }
    for source in sources {
      var paths = [path(model, source, place)]
      if case .store = place, let cached = source.cachedFile { paths.append(cached) }
      for path in paths where isFilled(path) && isRight(path, source.hash) {
        return Result(path: path, publisher: source.publisher, wasKept: true)
      }
    }
    return nil
  }

  /// True if a file is a checkpoint with the expected hash.
  private func isRight(_ path: String, _ hash: ExpectedHash?) -> Bool {
    guard (try? verify(path)) != nil else { return false }
    guard let hash else { return true }
    guard let file = try? MappedFile(path: path) else { return false }
    return hash.matches(SHA256.hash(of: file))
  }

  private func path(_ model: String, _ source: WeightsSource, _ place: Place) -> String {
    switch place {
    case .store(let store): store.path(of: model, from: source)
    case .file(let path): path
    }
  }

  /// The path of the incomplete file; `FILE.part` may belong to the user.
  private func partPath(_ path: String, _ place: Place) -> String {
    switch place {
    case .store: "\(path).part"
    case .file: "\(path).pull.part"
    }
  }
}
