import DeepLayerAggregation

/// Decodes images on other threads while the network runs, and hands out results in order.
struct BatchClassifier {
  private let classifier: Classifier
  private let batchSize: Int

  init(_ classifier: Classifier, batchSize: Int) {
    self.classifier = classifier
    self.batchSize = batchSize
  }

  /// Classifies every image.
  ///
  /// - Parameters:
  ///   - paths: image files, or `-` for standard input.
  ///   - report: called in the order of `paths` with the class scores or why there are none.
  /// - Returns: how many images failed.
  /// - Throws: what `report` throws, and errors that would fail every image.
  func run(
    _ paths: [String], report: (String, Result<ArraySlice<Float>, any Error>) throws -> Void
  ) async throws -> Int {
    var ahead = DecodeAhead(paths, preprocessor: classifier.preprocessor, depth: 2 * batchSize)
    var running: [RunningBatch] = []
    var failures = 0
    var rest = paths[...]
    while !rest.isEmpty || !running.isEmpty {
      if !rest.isEmpty, running.count < classifier.network.engine.streams {
        running.append(await start(rest.prefix(batchSize), &ahead))
        rest = rest.dropFirst(batchSize)
      } else {
        failures += try await finish(running.removeFirst(), report)
      }
    }
    return failures
  }

  /// Fills a batch and starts the network on it.
  private func start(
    _ paths: ArraySlice<String>, _ ahead: inout DecodeAhead
  ) async -> RunningBatch {
    let crop = classifier.preprocessor.preset.crop
    let floats = 3 * crop * crop
    var images = Tensor(zeros: [batchSize, 3, crop, crop])
    var errors: [(any Error)?] = []
    for place in 0..<paths.count {
      switch await ahead.next() {
      case .success(let input):
        images.elements.replaceSubrange(
          place * floats..<(place + 1) * floats, with: input.elements)
        errors.append(nil)
      case .failure(let error): errors.append(error)
      }
    }
    let network = classifier.network
    let logits =
      errors.contains { $0 == nil }
      ? Task.detached { [images] in try network(images).logits } : nil
    return RunningBatch(paths: paths, errors: errors, logits: logits)
  }

  private func finish(
    _ batch: RunningBatch, _ report: (String, Result<ArraySlice<Float>, any Error>) throws -> Void
  ) async throws -> Int {
    let logits = try await batch.logits?.value
    let classes = classifier.network.classes
    for (place, (path, error)) in zip(batch.paths, batch.errors).enumerated() {
      if let error {
        try report(path, .failure(error))
      } else if let logits {
        try report(path, .success(logits.elements[place * classes..<(place + 1) * classes]))
      }
    }
    return batch.errors.count { $0 != nil }
  }
}

/// A batch that passes the network.
private struct RunningBatch {
  let paths: ArraySlice<String>
  /// Why an image could not be read, by its place in the batch.
  let errors: [(any Error)?]
  /// The class scores, [N, classes]; nil if no image could be read.
  let logits: Task<Tensor, any Error>?
}

/// Tensors of images, decoded by tasks that run a few images ahead.
private struct DecodeAhead {
  private let paths: [String]
  private let preprocessor: Preprocessor
  private let depth: Int
  private var started = 0
  private var running: [Task<Result<Tensor, any Error>, Never>] = []

  init(_ paths: [String], preprocessor: Preprocessor, depth: Int) {
    self.paths = paths
    self.preprocessor = preprocessor
    self.depth = depth
  }

  /// The next image in order.
  ///
  /// - Precondition: fewer images were asked for than there are paths.
  mutating func next() async -> Result<Tensor, any Error> {
    while running.count < depth, started < paths.count {
      let path = paths[started]
      let preprocessor = preprocessor
      running.append(
        Task.detached { Result { try preprocessor.input(preprocessor.photograph(path)) } })
      started += 1
    }
    return await running.removeFirst().value
  }
}
