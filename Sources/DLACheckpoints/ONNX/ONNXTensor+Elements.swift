import DLAGraph
import DLASystem
import DLATensor
import DLAText

extension ONNXTensor {
  /// Reads, folds, rounds and writes the elements.
  ///
  /// Cost: memory for the weights of one convolution.
  ///
  /// - Parameters:
  ///   - file: where they are appended.
  ///   - source: where the weights are read from.
  /// - Throws: the source's error, `NegativeVarianceError`, or `CheckpointError`: `.nonFinite` if an
  ///   element is infinite, not a number or too large for the type, `.invalidContent` if the source
  ///   gives a wrong number of elements, `.unwritable` if the system refuses.
  func writeElements(to file: ReplacementFile, from source: some WeightSource) throws {
    let floats = try elements(from: source)
    let isHalf = item.dataType == .float16
    // The least magnitude that float16 rounds to infinity.
    let bound: Float = isHalf ? float16Overflow : .infinity
    if let index = floats.firstIndex(where: { !($0.magnitude < bound) }) {
      let advice =
        isHalf ? "float16 ends at 65504, write it as float32" : "are these weights whole?"
      throw CheckpointError(
        .nonFinite,
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
