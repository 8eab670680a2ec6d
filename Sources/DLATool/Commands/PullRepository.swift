import DLAHub
import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla pull USER/REPOSITORY`: a folder of weights and `config.json` from the Hugging Face hub.
enum PullRepository {
  /// Downloads each of some repositories.
  ///
  /// - Returns: whether all are there.
  static func run(_ names: [String], _ arguments: Arguments) throws -> Bool {
    guard !names.isEmpty else { return true }
    for option in ["--source", "--url", "--sha256", "--output"] where arguments.has(option) {
      throw UsageError("\(option) does not apply to a repository, which becomes a folder")
    }
    guard let store = WeightsStore.user else {
      throw UsageError("there is no cache folder (DLA_CACHE is off, or there is no home folder)")
    }
    var repositories: [HubRepository] = []
    for name in names {
      do throws(HubError) {
        repositories.append(try HubRepository(name))
      } catch {
        throw UsageError(error.message)
      }
    }
    var isComplete = true
    for repository in repositories {
      do {
        let (path, wasKept) = try fetch(repository, to: store, arguments)
        Console.endProgress()
        try Console.print(
          arguments.has("--json")
            ? JSON.line(Row(repository: repository.name, path: path, kept: wasKept)) : path)
      } catch let error as HubError {
        Console.endProgress()
        Console.warn("\(repository.name): \(Advice.message(error, in: PullCommand.self))")
        if arguments.has("--json") {
          try Console.print(
            JSON.line(Failure(repository: repository.name, error: error.message)))
        }
        isComplete = false
      }
    }
    return isComplete
  }

  /// The folder of a repository: that of huggingface_hub's cache, or ours.
  private static func fetch(
    _ repository: HubRepository, to store: WeightsStore, _ arguments: Arguments
  ) throws -> (path: String, wasKept: Bool) {
    if !arguments.has("--force"), let file = HubSettings().cachedFile(of: repository),
      (try? verify(file)) != nil
    {
      return (String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex)), true)
    }
    let sources = try repository.sources()
    var fetcher = Fetcher(isForced: arguments.has("--force"), verify: verify) { event in
      switch event {
      case .waiting:
        Console.progress("\(repository.name): waiting for another process that downloads it")
      case .progress(_, let progress):
        Console.progress(PullProgress.line(repository.name, progress))
      case .failed(_, let error):
        Console.endProgress()
        Console.warn("\(repository.name): \(error); trying the next file")
      }
    }
    let weights = try fetcher.fetch(repository.folderName, from: sources.weights, to: .store(store))
    fetcher.verify = { path in
      let bytes = try ByteStream.bytes(ofFile: path, upTo: 1 << 24)
      _ = try WeightsDescription(configuration: bytes)
    }
    let configuration = try fetcher.fetch(
      repository.folderName, from: [sources.configuration], to: .store(store))
    return ("\(store.folder)/\(repository.folderName)", weights.wasKept && configuration.wasKept)
  }

  /// The same check as in all other commands.
  private static func verify(_ path: String) throws {
    _ = try Conversion(CheckpointFile(path: path), model: nil)
  }

  private struct Row: Encodable {
    let repository: String
    let path: String
    /// True if it had been downloaded before.
    let kept: Bool
  }

  /// A repository that could not be downloaded.
  private struct Failure: Encodable {
    let repository: String
    let error: String
  }
}
