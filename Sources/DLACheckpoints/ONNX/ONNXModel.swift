import DLAGraph
import DLASystem
import DLATensor
import DLAText

/// A network as an ONNX model, for any engine that reads operator set 17.
///
/// The model reads `input`, float32 [batch, channels, height, width], and gives `logits`, float32
/// [batch, classes]; batch, height and width are free.
public struct ONNXModel: Sendable {
  /// The options of writing a model.
  public struct Options: Sendable {
    /// The treatment of batch norms.
    public enum BatchNorm: Sendable {
      /// Folded into the convolutions before them, in float64 and rounded once.
      case fold
      /// Kept as operators; every tensor equals the source's to the bit.
      case keep
    }

    /// The location of the weights.
    public enum Location: Sendable {
      /// Embedded if the model stays below the 2 GB of a protobuf message, otherwise external.
      case automatic
      /// Embedded in the model.
      case inside
      /// In an external file, whose name is the model's followed by `.data`.
      case beside
    }

    /// The treatment of batch norms.
    public var batchNorm = BatchNorm.fold
    /// True to store the weights of convolutions as float16.
    ///
    /// Each is cast to float32 before it is used, so input, output and arithmetic stay float32, as do
    /// the vectors: biases and the tensors of batch norms.
    public var halfPrecision = false
    /// The location of the weights.
    public var location = Location.automatic

    /// Batch norms folded, float32, weights embedded if they fit.
    public init() {}
  }

  /// The model's name.
  public let name: String
  /// The options of writing.
  public let options: Options
  /// Text about the model, its `metadata_props`; written in the order of the keys.
  public let metadata: [String: String]
  /// True if writing makes a second file with the weights.
  public let storesWeightsBeside: Bool

  let network: Graph
  let graph: ONNXGraph

  /// Plans a model; no weights are read yet.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - name: the model's name, for instance `dla34`.
  ///   - options: the options of writing.
  ///   - metadata: text about the model.
  /// - Throws: `CheckpointError` with `.invalidContent` if the name is empty, two values would have
  ///   one name, or `options` ask for more weights inside the model than it can hold.
  public init(
    _ graph: Graph, name: String, options: Options = Options(), metadata: [String: String] = [:]
  ) throws(CheckpointError) {
    (self.name, self.options, self.metadata) = (name, options, metadata)
    network = graph
    self.graph = ONNXGraph(graph, options: options)
    let limit = ONNXFormat.largestMessage
    let size = Self.message(
      self.graph, of: network, name: name, metadata: metadata, dataFile: nil
    ).byteCount
    storesWeightsBeside =
      options.location == .beside || options.location == .automatic && size > limit
    guard storesWeightsBeside || size <= limit else {
      throw CheckpointError(
        .invalidContent,
        "\(printable(name)) takes \(size) bytes and an ONNX file holds at most \(limit); let the "
          + "weights be stored beside it")
    }
    guard !name.isEmpty else {
      throw CheckpointError(.invalidContent, "an ONNX model needs a name, an empty one was given")
    }
    var known: Set<String> = []
    for value in self.graph.valueNames where !known.insert(value).inserted {
      throw CheckpointError(
        .invalidContent, "two values of the network are named \(printable(value))")
    }
  }

  /// Writes the model and, if they are stored beside it, its weights.
  ///
  /// Files are written completely or not at all: first the weights, then the model. The same model and weights
  /// give the same bytes each time.
  ///
  /// Cost: memory for the largest tensor.
  ///
  /// - Parameters:
  ///   - path: the file to write or replace; a symbolic link is followed, and the weights' file lies
  ///     beside the link.
  ///   - weights: the network's tensors, which are read one at a time.
  /// - Throws: `CheckpointError`: `.unwritable` if the system refuses, `.nonFinite` if a weight is
  ///   not finite, `.float16Overflow` if it is too large for float16, `.invalidContent` if a variance is negative or the source
  ///   threw another error, which is then the cause. A `CheckpointError` of the source is passed on.
  public func write(to path: String, weights: some WeightSource) throws(CheckpointError) {
    do {
      // Opened first, so that a path that can't be written is noticed before anything is read.
      let file = try ReplacementFile(path: path)
      if storesWeightsBeside {
        try writeParts(to: file, path: path, weights)
      } else {
        try file.append(message(dataFile: nil), from: weights)
      }
      try file.commit()
    } catch {
      throw CheckpointError(writing: path, error)
    }
  }

  /// Writes the weights and all of the model's bytes; only the weights are committed.
  private func writeParts(
    to file: ReplacementFile, path: String, _ weights: some WeightSource
  ) throws {
    let dataPath = path + ".data"
    // The readers, onnx.checker among them, follow no links to weights.
    guard !isSymbolicLink(dataPath) else {
      throw CheckpointError(
        .unwritable,
        "\(printablePath(dataPath)) is a symbolic link, through which no reader takes "
          + "weights; remove it or choose another name")
    }
    let data = try ReplacementFile(path: dataPath)
    let fileName = dataPath.utf8.split(separator: UInt8(ascii: "/")).last.map {
      String(Substring($0))
    }
    try file.append(message(dataFile: fileName ?? dataPath), from: weights)
    var end = 0
    for (tensor, offset) in zip(graph.tensors, graph.dataOffsets) where tensor.isWeight {
      try [UInt8](repeating: 0, count: offset - end).withUnsafeBytes { try data.append($0) }
      try tensor.writeElements(to: data, from: weights)
      end = offset + tensor.byteCount
    }
    try data.commit()
  }
}

extension ReplacementFile {
  /// Appends a message, its gaps filled with the weights that belong there.
  fileprivate func append(_ message: ONNXMessage, from weights: some WeightSource) throws {
    var start = 0
    for gap in message.gaps {
      try append(message.bytes[start..<gap.offset])
      try gap.content.writeElements(to: self, from: weights)
      start = gap.offset
    }
    try append(message.bytes[start...])
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      try append(UnsafeRawBufferPointer(bytes))
    }
  }
}
