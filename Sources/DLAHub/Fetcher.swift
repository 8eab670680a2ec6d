import DLASystem
import DLAText

/// Fetches the weights of a network from the first of some sources that has them.
///
/// Redirects lead to http and https only, ten at most, and a token goes to nobody but the host it is
/// meant for. Proxies come from libcurl's environment variables.
package struct Fetcher: Sendable {
  /// What happens meanwhile.
  package enum Event: Sendable {
    /// Another process fetches the same; this one waits for it.
    case waiting
    /// Bytes arrive.
    case progress(WeightsSource.Publisher, TransferRate.Progress)
    /// A source does not have the file, and the next is tried.
    case failed(WeightsSource.Publisher, HubError)
  }

  /// Where the file goes.
  package enum Place: Sendable {
    /// Among those that are kept for all commands.
    case store(WeightsStore)
    /// A file of this name.
    case file(String)
  }

  /// What was fetched, or was there already.
  package struct Result: Sendable {
    /// Where the file is.
    package let path: String
    /// Who published it.
    package let publisher: WeightsSource.Publisher
    /// Whether it was there already.
    package let wasKept: Bool
  }

  /// Fetch although there is a file, which is replaced when the new one is whole.
  package var isForced = false
  /// Throws if the file at a path is no checkpoint; its error becomes part of the message.
  package let verify: @Sendable (String) throws -> Void
  /// Called with what happens.
  package let report: @Sendable (Event) -> Void
  /// What a file may cost.
  package var limits = FetchLimits()

  /// Describes how to fetch.
  ///
  /// - Parameters:
  ///   - isForced: fetch although there is a file.
  ///   - verify: throws if the file at a path is no checkpoint.
  ///   - report: called with what happens, on the caller's thread.
  package init(
    isForced: Bool = false, verify: @escaping @Sendable (String) throws -> Void,
    report: @escaping @Sendable (Event) -> Void
  ) {
    self.isForced = isForced
    self.verify = verify
    self.report = report
  }

  /// Fetches a network's weights, unless they are kept.
  ///
  /// It returns when they are there. Of several processes, one fetches and the others wait for it. A
  /// download that breaks off, also because the process ends, leaves `.part` files with which the
  /// next one goes on.
  ///
  /// - Parameters:
  ///   - model: timm's name.
  ///   - sources: where the file is, tried in this order.
  ///   - place: where it goes.
  /// - Returns: where it is now.
  /// - Throws: `HubError` of the last source, or if there is nowhere to write.
  package func fetch(
    _ model: String, from sources: [WeightsSource], to place: Place
  ) throws(HubError) -> Result {
    if !isForced, let kept = kept(model, sources, place) { return kept }
    let lockPath: String
    switch place {
    case .store(let store):
      Folder.create(store.folder)
      lockPath = "\(store.folder)/\(model).lock"
    case .file(let path):
      try requireFree(path)
      // `FILE.lock` may be a file of the user's own.
      lockPath = "\(path).pull.lock"
    }
    var hasWaited = false
    let lock = try FileLock.acquire(lockPath) {
      hasWaited = true
      report(.waiting)
    }
    defer { withExtendedLifetime(lock) {} }
    // Whom this one has waited for may have fetched it, also where it would have been fetched anew.
    if !isForced || hasWaited, let kept = kept(model, sources, place, isFresh: hasWaited) {
      return kept
    }
    // What another process has put there meanwhile is not this one's to replace.
    if case .file(let path) = place { try requireFree(path) }
    return try fetchFirst(model, sources, place)
  }

  private func requireFree(_ path: String) throws(HubError) {
    let exists = try existsAsFile(path)
    guard isForced || !exists else {
      throw HubError(.file, "\(printablePath(path)): is there already; --force replaces it")
    }
  }

  private func fetchFirst(
    _ model: String, _ sources: [WeightsSource], _ place: Place
  ) throws(HubError) -> Result {
    var last = HubError(.unusableRequest, "\(model): there is no source to fetch it from")
    for (number, source) in sources.enumerated() {
      let path = path(model, source, place)
      do throws(HubError) {
        try fetch(source, to: path, through: partPath(path, place))
        return Result(path: path, publisher: source.publisher, wasKept: false)
      } catch {
        // Another source can't help where the disk is full or the library is missing.
        guard error.code != .file, error.code != .noLibrary else { throw error }
        // Others have other weights: what was half there is worth another try first.
        guard error.code != .connection || !isFilled(partPath(path, place)) else {
          throw HubError(
            .connection, "\(error.message); what has arrived is kept, the same command goes on")
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
    let download = try Download(source, into: partPath, limits: limits) {
      report(.progress(source.publisher, $0))
    }
    if download.isComplete {
      // It was whole when something ended the process. If it is not right, it is fetched anew.
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

  /// What is there already and can be used.
  private func kept(
    _ model: String, _ sources: [WeightsSource], _ place: Place, isFresh: Bool = false
  ) -> Result? {
    // A file of the user's own is not taken for the network's only because of its name.
    if case .file = place, !isFresh { return nil }
    for source in sources {
      let path = path(model, source, place)
      guard isFilled(path), isRight(path, source.hash) else { continue }
      return Result(path: path, publisher: source.publisher, wasKept: true)
    }
    return nil
  }

  /// Whether a kept file is still a checkpoint, and the one that is asked for.
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

  /// Where the file is while it is not whole.
  ///
  /// Beside a file of the user's own, `FILE.part` may be one as well.
  private func partPath(_ path: String, _ place: Place) -> String {
    switch place {
    case .store: "\(path).part"
    case .file: "\(path).pull.part"
    }
  }
}
