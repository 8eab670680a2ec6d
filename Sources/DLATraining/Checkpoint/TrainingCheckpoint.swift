import DLACheckpoints
import DLATensor
import DLAText

/// A training on disk: weights, moving average, optimizer and position in one safetensors file that
/// appears whole or not at all.
package struct TrainingCheckpoint {
  package var position: TrainingPosition
  /// Other text to restore, for instance the settings; keys begin with a letter.
  package var notes: [String: String]

  package init(position: TrainingPosition, notes: [String: String]) {
    (self.position, self.notes) = (position, notes)
  }

  private static let version = "2"

  /// Saves weights, average and optimizer of a training between two updates.
  ///
  /// - Throws: `TrainingError` with `.diverged` if a weight is not finite; `CheckpointError` with
  ///   `.unwritable`, for instance because the disk is full. The file is then as it was.
  package func write(_ trainer: Trainer, to path: String) throws {
    try trainer.requireFinite()
    let state = trainer.optimizer.state
    var blocks = [(prefix: "weights/", values: Array(trainer.parameters.all))]
    if let average = trainer.average { blocks.append(("average/", average.values)) }
    for (name, values) in state.blocks.sorted(by: { $0.key < $1.key }) {
      blocks.append(("optimizer/\(name)/", values))
    }
    let tensors = trainer.graph.tensors
    let items = blocks.flatMap { block in
      tensors.map { SafetensorsWriter.Item(name: block.prefix + $0.name, shape: $0.shape) }
    }
    var metadata = position.metadata
    metadata["training_version"] = Self.version
    metadata["updates"] = "\(trainer.updates)"
    metadata["batches"] = "\(trainer.batchesDone)"
    metadata["optimizer_updates"] = "\(state.updates)"
    metadata["average_updates"] = trainer.average.map { "\($0.updates)" }
    for (key, value) in notes { metadata["note/\(key)"] = value }
    let writer = try SafetensorsWriter(items: items, metadata: metadata)
    // All have one type, so the order is the one given.
    var rest = blocks.flatMap { block in ranges(tensors).map { (block.values, $0) } }[...]
    try writer.write(to: path) { _, sink in
      if let (values, range) = rest.popFirst() { try sink.append(Array(values[range])) }
    }
  }

  /// Restores a saved training.
  ///
  /// `trainer` is a new training of the same network by the same recipe. `check` is given the notes
  /// before anything is changed.
  ///
  /// - Throws: `CheckpointError` if the file can't be read; `TrainingError` with `.notACheckpoint`, or
  ///   with `.unsuitableState` if it is of another network or optimizer; what `check` throws.
  package init(
    reading path: String, into trainer: Trainer, check: ([String: String]) throws -> Void
  ) throws {
    let file = try CheckpointFile(path: path)
    let metadata = file.metadata
    func unsuitable(
      _ reason: String, code: TrainingError.Code = .unsuitableState
    ) -> TrainingError { TrainingError(code: code, message: "\(file.name): \(reason)") }
    guard let version = metadata["training_version"] else {
      throw unsuitable("is no checkpoint of a training", code: .notACheckpoint)
    }
    guard version == Self.version else {
      throw unsuitable("has checkpoint version \(printable(version)), expected \(Self.version)")
    }
    guard let position = TrainingPosition(metadata: metadata),
      let updates = TrainingPosition.count("updates", in: metadata),
      let batches = TrainingPosition.count("batches", in: metadata),
      TrainingPosition.count("optimizer_updates", in: metadata) == updates
    else { throw unsuitable("its counters are damaged; start again") }
    self.position = position
    notes = [:]
    for (key, value) in metadata where key.hasPrefix("note/") {
      notes[String(key.dropFirst("note/".count))] = value
    }
    try check(notes)
    guard
      trainer.average == nil || TrainingPosition.count("average_updates", in: metadata) == updates
    else { throw unsuitable("its moving average is damaged; start again") }

    let tensors = trainer.graph.tensors
    func block(_ prefix: String) throws -> [Float] {
      try tensors.flatMap { tensor in
        let found = try file.tensor(named: prefix + tensor.name, releasingPages: true)
        guard found.shape == tensor.shape else {
          throw unsuitable(
            "\(printable(prefix + tensor.name)) has shape \(found.shape), the network expects "
              + "\(tensor.shape)")
        }
        return found.elements
      }
    }
    var state = OptimizerState(updates: updates, blocks: [:])
    for name in trainer.optimizer.state.blocks.keys {
      state.blocks[name] = try block("optimizer/\(name)/")
    }
    let weights = try block("weights/")
    if trainer.average != nil {
      try trainer.average?.restore(try block("average/"), updates: updates)
    }
    try trainer.optimizer.restore(state)
    _ = trainer.parameters.all.update(fromContentsOf: weights)
    trainer.resume(updates: updates, batches: batches)
  }

  private func ranges(_ tensors: [TensorSpecification]) -> [Range<Int>] {
    var start = 0
    return tensors.map { tensor in
      defer { start += tensor.count }
      return start..<start + tensor.count
    }
  }
}
