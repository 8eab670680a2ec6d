import DLAHub
import DLASystem
import DLAText
import DeepLayerAggregation

/// `dla pull`: downloads published weights for all commands.
enum PullCommand: Command {
  static let name = "pull"
  static let summary = "Download published weights, or list the downloaded ones."
  static let synopsis = "[OPTION...] [MODEL... | USER/REPOSITORY... | all]"
  static let operands = Option.Values.models
  static let options = [
    Option(
      "--source", "hub|paddle|original", "The only source to try. Default: all, in this order."),
    Option("--url", "URL", "Download the weights of one network from this address."),
    Option("--sha256", "HEX", "Expected SHA-256 of the file, or its first 8 digits or more."),
    Option("--output", "FILE", "Write to this file instead of the cache folder."),
    Option("--force", nil, "Download again and replace the file."),
    Option("--list", nil, "List the downloaded weights; the default without MODEL."),
    Option("--json", nil, "Print one JSON object per line; a JSON array for a list."),
  ]
  static let details = """
    The sources are timm's weights on the Hugging Face hub (hub), those of PaddleClas (paddle) and those
    of the original release (original). A repository of the hub, USER/REPOSITORY or
    USER/REPOSITORY@REVISION, becomes a folder of its weights and config.json, whose path is printed and
    which --weights takes. Files are stored in the subfolder weights of the cache folder;
    they may be deleted. Interrupted downloads are resumed. Weights that huggingface_hub has in its
    cache are used from there.

    Environment variables:
      HF_ENDPOINT     The hub's address. Default: https://huggingface.co.
      HF_TOKEN        A token for the hub. Default: the content of the file HF_TOKEN_PATH.
      HF_TOKEN_PATH   Default: HF_HOME/token.
      HF_HUB_CACHE    The cache of huggingface_hub. Default: HF_HOME/hub.
      HF_HOME         Default: huggingface in XDG_CACHE_HOME, or in ~/.cache.
      HF_HUB_OFFLINE  1 forbids downloads from the hub.
      https_proxy     The proxy; http_proxy, all_proxy and no_proxy are read as well.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    if arguments.positional.isEmpty || arguments.has("--list") {
      try PullList.print(arguments)
      return true
    }
    let repositories = arguments.positional.filter { $0.contains("/") }
    var isComplete = try PullRepository.run(repositories, arguments)
    let models = try self.models(arguments)
    guard !models.isEmpty else { return isComplete }
    let jobs = try models.map { (model: $0, sources: try sources(of: $0, arguments)) }
    let place = try self.place(arguments)
    for job in jobs where try !pull(job.model, job.sources, place, arguments) { isComplete = false }
    return isComplete
  }

  /// Downloads the weights of one network and prints the path.
  private static func pull(
    _ model: String, _ sources: [WeightsSource], _ place: Fetcher.Place, _ arguments: Arguments
  ) throws -> Bool {
    let verify = { @Sendable path in
      // The same check as in all other commands.
      _ = try Conversion(CheckpointFile(path: path), model: model)
    }
    let fetcher = Fetcher(isForced: arguments.has("--force"), verify: verify) { event in
      switch event {
      case .waiting:
        Console.progress("\(model): waiting for another process that downloads it")
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
      Console.warn("\(model): \(Advice.message(error, in: Self.self))")
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
    for name in arguments.positional where !name.contains("/") {
      let found = name == "all" ? Variant.all.map(\.name) : [try Variant.named(name).name]
      models += found.filter { !models.contains($0) }
    }
    for option in ["--url", "--sha256", "--output"] where arguments.has(option) {
      guard models.count == 1 else {
        throw UsageError("\(option) applies to one network, \(models.count) are named")
      }
    }
    return models
  }

  private static func place(_ arguments: Arguments) throws(UsageError) -> Fetcher.Place {
    if let path = arguments["--output"] { return .file(path) }
    guard let store = WeightsStore.user else {
      throw UsageError(
        "there is no cache folder (DLA_CACHE is off, or there is no home folder); name a file with "
          + "--output")
    }
    return .store(store)
  }

  private static func sources(of model: String, _ arguments: Arguments) throws -> [WeightsSource] {
    let word = try arguments.choice("--source", of: publishers.map(\.word))
    var sources: [WeightsSource]
    if let url = arguments["--url"] {
      guard word == nil else { throw UsageError("--url and --source exclude each other") }
      sources = [try usage { () throws(HubError) in try WeightsSource(url: url, name: "--url") }]
    } else {
      let publisher = publishers.first { $0.word == word }?.publisher
      sources = try PublishedWeights.sources(of: model, from: publisher)
      guard !sources.isEmpty else {
        throw UsageError("--source \(word ?? ""): there are no weights of \(model)")
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

  /// An error of an option's value is wrong usage.
  private static func usage<Value>(
    _ body: () throws(HubError) -> Value
  ) throws(UsageError) -> Value {
    do { return try body() } catch { throw UsageError(error.message) }
  }
}

private struct PullRow: Encodable {
  let model: String
  let publisher: String
  let path: String
  /// True if it had been downloaded before.
  let kept: Bool
}

/// A network whose weights could not be downloaded.
private struct PullFailure: Encodable {
  let model: String
  let error: String
}

enum PullList {
  /// - Throws: `UsageError` if the arguments ask for a download.
  static func print(_ arguments: Arguments) throws {
    guard arguments.positional.isEmpty else {
      throw UsageError("--list downloads nothing; leave out \(arguments.positional[0])")
    }
    for option in ["--source", "--url", "--sha256", "--output", "--force"]
    where arguments.has(option) {
      throw UsageError("\(option) needs a MODEL; dla models lists them")
    }
    let store = WeightsStore.user
    let rows =
      Variant.all.map { variant in
        KeptRow(
          model: variant.name,
          files: (store?.entries(of: variant.name) ?? []).map {
            KeptRow.File(publisher: $0.publisher.rawValue, path: $0.path, bytes: $0.bytes)
          })
      }
      + (store?.repositories ?? []).map { name, path, bytes in
        KeptRow(
          model: name,
          files: [.init(publisher: WeightsSource.Publisher.hub.rawValue, path: path, bytes: bytes)])
      }
    try Console.print(
      arguments.has("--json") ? JSON.array(rows) : text(rows, folder: store?.folder))
  }

  private static func text(_ rows: [KeptRow], folder: String?) -> String {
    let lines = rows.flatMap { row in
      row.files.isEmpty
        ? [[row.model, "-", "", ""]]
        : row.files.map { file in
          [
            row.model, file.publisher, "\(PullProgress.megabytes(Double(file.bytes))) MB",
            printable(String(file.path.split(separator: "/").last ?? ""), limit: .max),
          ]
        }
    }
    let table = Table(
      header: ["model", "source", "size", "file"], rows: lines,
      alignment: [.left, .left, .right, .left])
    let place =
      folder.map { "Folder: \(printablePath($0)). " }
      ?? "There is no cache folder: DLA_CACHE is off, or there is no home folder. "
    return "\(table)\n\n\(place)dla pull MODEL downloads one, dla pull all all."
  }
}

/// One network and its files in order of preference.
private struct KeptRow: Encodable {
  struct File: Encodable {
    let publisher: String
    let path: String
    let bytes: Int
  }

  let model: String
  let files: [File]
}

enum PullProgress {
  /// For instance `dla34 from timm  [#####-----]  43%  27.1 of 63.0 MB  12.3 MB/s  3 s left`.
  static func line(_ name: String, _ progress: TransferRate.Progress) -> String {
    var parts = [name]
    if let total = progress.total, total > 0 {
      parts.append(ProgressBar.bar(Double(progress.received) / Double(total)))
      parts.append("\(megabytes(Double(progress.received))) of \(megabytes(Double(total))) MB")
    } else {
      parts.append("\(megabytes(Double(progress.received))) MB")
    }
    if let rate = progress.bytesPerSecond { parts.append("\(megabytes(rate)) MB/s") }
    if let seconds = progress.secondsLeft { parts.append("\(duration(seconds)) left") }
    return parts.joined(separator: "  ")
  }

  /// A number of bytes in units of a million.
  static func megabytes(_ bytes: Double) -> String { fixed(bytes * 1e-6, 1) }
}
