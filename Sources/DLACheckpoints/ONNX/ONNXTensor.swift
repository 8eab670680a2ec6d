import DLAGraph
import DLASystem
import DLATensor
import DLAText

/// A tensor that a model holds as a constant: an initializer.
struct ONNXTensor: Sendable {
  enum Content: Sendable {
    /// A tensor of the weights as it is.
    case stored(TensorSpecification)
    /// The weights of a convolution, times the scale of the batch norm after it.
    case foldedWeight(convolution: Graph.Node, norm: Graph.Node)
    /// The bias of a convolution together with the batch norm after it.
    case foldedBias(convolution: Graph.Node, norm: Graph.Node)
    case numbers([Int])
  }

  /// Name, type and shape.
  let item: SafetensorsWriter.Item
  let content: Content

  init(_ name: String, shape: [Int], _ dataType: DataType, _ content: Content) {
    item = SafetensorsWriter.Item(name: name, dataType: dataType, shape: shape)
    self.content = content
  }

  /// A list of whole numbers, stored as int64.
  init(_ name: String, numbers: [Int]) {
    self.init(name, shape: [numbers.count], .int64, .numbers(numbers))
  }

  /// The bytes that the elements take.
  var byteCount: Int { item.shape.reduce(item.dataType.byteCount, *) }

  /// True if the elements are read only when they are written; small constants are not.
  var isWeight: Bool {
    if case .numbers = content { false } else { true }
  }

  private var elementType: ONNXFormat.ElementType {
    switch item.dataType {
    case .float16: .float16
    case .int64: .int64
    default: .float
    }
  }

  /// The tensor as a `TensorProto`, with its elements or their place in a file beside the model.
  func message(in file: (name: String, offset: Int)? = nil) -> ONNXMessage {
    typealias Field = ONNXFormat.TensorProto
    var message = ONNXMessage()
    for length in item.shape { message.append(length, field: Field.dims) }
    message.append(elementType.rawValue, field: Field.dataType)
    message.append(item.name, field: Field.name)
    switch (content, file) {
    case (.numbers(let numbers), _):
      let bytes = numbers.flatMap { number in
        withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) }
      }
      message.append(bytes, field: Field.rawData)
    case (_, nil): message.append(elementsOf: self, field: Field.rawData)
    case (_, let file?):
      let entries = [
        ("location", file.name), ("offset", "\(file.offset)"), ("length", "\(byteCount)"),
      ]
      for (key, value) in entries {
        message.append(.entry(key: key, value: value), field: Field.externalData)
      }
      message.append(ONNXFormat.externalLocation, field: Field.dataLocation)
    }
    return message
  }
}

/// A message of onnx.proto; its gaps are for weights.
typealias ONNXMessage = ProtobufMessage<ONNXTensor>

extension ONNXMessage {
  /// Appends a bytes field that holds a tensor's elements.
  mutating func append(elementsOf tensor: ONNXTensor, field: Int) {
    append(gapFor: tensor, byteCount: tensor.byteCount, field: field)
  }

  /// A `StringStringEntryProto`.
  static func entry(key: String, value: String) -> ONNXMessage {
    typealias Field = ONNXFormat.StringStringEntryProto
    var message = ONNXMessage()
    message.append(key, field: Field.key)
    message.append(value, field: Field.value)
    return message
  }
}

extension ONNXTensor {
  /// Reads, folds, rounds and writes the elements.
  ///
  /// Cost: memory for the weights of one convolution.
  ///
  /// - Throws: the source's error, `NegativeVarianceError`, or `CheckpointError`: `.nonFinite` if an
  ///   element is not finite, `.float16Overflow` if it is too large for float16, `.invalidContent` if the source
  ///   gives a wrong number of elements, `.unwritable` if the system refuses.
  func writeElements(to file: ReplacementFile, from source: some WeightSource) throws {
    let floats = try elements(from: source)
    let isHalf = item.dataType == .float16
    // The least magnitude that float16 rounds to infinity.
    let bound: Float = isHalf ? float16Overflow : .infinity
    if let index = floats.firstIndex(where: { !($0.magnitude < bound) }) {
      let advice =
        isHalf ? "float16 ends at 65504, write it as float32" : "are the weights complete?"
      throw CheckpointError(
        isHalf && floats[index].isFinite ? .float16Overflow : .nonFinite,
        "tensor \(printable(item.name)) has \(floats[index]) as element \(index); \(advice)")
    }
    var sink = TensorSink(file: file, item: item, size: byteCount)
    try sink.append(floats)
    try sink.requireFull()
  }

  private func elements(from source: some WeightSource) throws -> [Float] {
    switch content {
    case .stored(let tensor): return try source.read(tensor)
    case .numbers: preconditionFailure("\(item.name) is part of the message")
    case .foldedBias(let convolution, let norm):
      return try BatchNormFolding(of: norm, into: convolution, from: source).shift.map(Float.init)
    case .foldedWeight(let convolution, let norm):
      let folding = try BatchNormFolding(of: norm, into: convolution, from: source)
      var weights = try source.read(convolution.tensors[0])
      let perChannel = weights.count / convolution.channels
      for (channel, scale) in folding.scale.enumerated() {
        for index in channel * perChannel..<(channel + 1) * perChannel {
          weights[index] = Float(Double(weights[index]) * scale)
        }
      }
      return weights
    }
  }
}
