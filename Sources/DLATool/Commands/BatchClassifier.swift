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
    let crop = classifier.preprocessor.preset.crop
    let floats = 3 * crop * crop
    var batch = Tensor(zeros: [batchSize, 3, crop, crop])
    var failures = 0
    var start = 0
    while start < paths.count {
      let end = min(paths.count, start + batchSize)
      var errors: [(any Error)?] = []
      for index in start..<end {
        switch await ahead.next() {
        case .success(let input):
          batch.elements.replaceSubrange(
            (index - start) * floats..<(index - start + 1) * floats, with: input.elements)
          errors.append(nil)
        case .failure(let error): errors.append(error)
        }
      }
      let logits = errors.contains { $0 == nil } ? try classifier.network(batch).logits : nil
      for (offset, path) in paths[start..<end].enumerated() {
        if let error = errors[offset] {
          failures += 1
          try report(path, .failure(error))
        } else if let logits {
          let classes = classifier.network.classes
          let scores = logits.elements[offset * classes..<(offset + 1) * classes]
          try report(path, .success(scores))
        }
      }
      start = end
    }
    return failures
  }
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
