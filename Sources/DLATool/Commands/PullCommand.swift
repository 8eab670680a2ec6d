import DLAHub
import DeepLayerAggregation

/// `dla pull`: fetches published weights, once, for all commands.
enum PullCommand: Command {
  static let name = "pull"
  static let summary = "Fetch published weights, or list those that are kept."
  static let synopsis = "[OPTION...] [NAME... | all]"
  static let options = [
    Option(
      "--source", "hub|paddle|original", "Fetch from there only. Default: the first that has it."),
    Option("--url", "URL", "Fetch the weights of one network from any address."),
    Option("--sha256", "HEX", "What the file's SHA-256 must be, or begin with (8 to 64 digits)."),
    Option("--output", "FILE", "Write this file instead of one in the cache folder."),
    Option("--force", nil, "Fetch again, and replace what is there."),
    Option("--list", nil, "Show what is kept, and fetch nothing; so does no NAME."),
    Option("--json", nil, "Print one JSON object a line; a JSON array for a list."),
  ]
  static let details = """
    Sources are timm's weights on the Hugging Face hub (hub), PaddleClas's (paddle) and the original
    release's (original), in this order. Files are kept in `weights` in the folder that DLA_CACHE names
    or in the platform's for caches, and may be removed by hand. A download that breaks off is resumed.

    Environment: HF_ENDPOINT (another server than https://huggingface.co), HF_TOKEN, DLA_CACHE, and
    https_proxy, http_proxy, all_proxy and no_proxy as libcurl reads them.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    if arguments.positional.isEmpty || arguments.has("--list") {
      try PullList.print(arguments)
      return true
    }
    let models = try self.models(arguments)
    let jobs = try models.map { (model: $0, sources: try sources(of: $0, arguments)) }
    let place = try self.place(arguments)
    var isComplete = true
    for job in jobs where try !pull(job.model, job.sources, place, arguments) { isComplete = false }
    return isComplete
  }

  /// Fetches one network's weights and prints where they are.
  private static func pull(
    _ model: String, _ sources: [WeightsSource], _ place: Fetcher.Place, _ arguments: Arguments
  ) throws -> Bool {
    let verify = { @Sendable path in
      // What other commands take as this network's weights.
      _ = try Conversion(CheckpointFile(path: path), model: model)
    }
    let fetcher = Fetcher(isForced: arguments.has("--force"), verify: verify) { event in
      switch event {
      case .waiting:
        Console.progress("\(model): another process fetches it, waiting")
      case .progress(let publisher, let progress):
        Console.progress(PullProgress.line("\(model) from \(publisher.rawValue)", progress))
      case .failed(let publisher, let error):
        Console.endProgress()
        Console.warn("\(model) from \(publisher.rawValue): \(error); trying the next source")
      }
    }
    let result: Fetcher.Result
    do {
      result = try fetcher.fetch(model, from: sources, to: place)
    } catch {
      Console.endProgress()
      Console.warn("\(model): \(error)")
      if arguments.has("--json") {
        try Console.print(JSON.line(PullFailure(model: model, error: error.message)))
      }
      return false
    }
    Console.endProgress()
    try Console.print(
      arguments.has("--json")
        ? JSON.line(
          PullRow(
            model: model, publisher: result.publisher.rawValue, path: result.path,
            kept: result.wasKept))
        : result.path)
    return true
  }

  private static func models(_ arguments: Arguments) throws -> [String] {
    var models: [String] = []
    for name in arguments.positional {
      let found = name == "all" ? Variant.all.map(\.name) : [try Variant.named(name).name]
      models += found.filter { !models.contains($0) }
    }
    for option in ["--url", "--sha256", "--output"] where arguments.has(option) {
      guard models.count == 1 else {
        throw UsageError("\(option) is for one network, \(models.count) are named")
      }
    }
    return models
  }

  private static func place(_ arguments: Arguments) throws(UsageError) -> Fetcher.Place {
    if let path = arguments["--output"] { return .file(path) }
    guard let store = WeightsStore.user else {
      throw UsageError(
        "there is no folder to keep weights in (DLA_CACHE is off, or there is no home); "
          + "name a file with --output FILE")
    }
    return .store(store)
  }

  private static func sources(
    of model: String, _ arguments: Arguments
  ) throws -> [WeightsSource] {
    let word = try arguments.choice("--source", of: publishers.map(\.word))
    var sources: [WeightsSource]
    if let url = arguments["--url"] {
      guard word == nil else { throw UsageError("--url is a source, --source names another") }
      sources = [try usage { () throws(HubError) in try WeightsSource(url: url) }]
    } else {
      let publisher = publishers.first { $0.word == word }?.publisher
      sources = try PublishedWeights.sources(of: model, from: publisher)
      guard !sources.isEmpty else {
        throw UsageError("--source \(word ?? "") has no weights of \(model)")
      }
    }
    guard let digits = arguments["--sha256"] else { return sources }
    guard let hash = ExpectedHash(digits) else {
      throw UsageError("--sha256 is \(digits); 8 to 64 hexadecimal digits are expected")
    }
    for index in sources.indices { sources[index].hash = hash }
    return sources
  }

  private static let publishers: [(word: String, publisher: WeightsSource.Publisher)] = [
    ("hub", .timm), ("paddle", .paddle), ("original", .original),
  ]

  /// What is wrong with an option is wrong usage.
  private static func usage<Value>(
    _ body: () throws(HubError) -> Value
  ) throws(UsageError) -> Value {
    do { return try body() } catch { throw UsageError(error.message) }
  }
}

/// A file that is there now.
private struct PullRow: Encodable {
  let model: String
  let publisher: String
  let path: String
  /// Whether it was there before.
  let kept: Bool
}

/// A network that could not be fetched.
private struct PullFailure: Encodable {
  let model: String
  let error: String
}
