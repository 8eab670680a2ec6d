import DLATensor
import DLAText

/// The weights of one model in a file, checked to be all of them and nothing else.
public struct CheckpointWeights: WeightSource {
  /// The file that is read.
  public let file: CheckpointFile

  /// Checks that a file holds a model's tensors.
  ///
  /// Every tensor must be there with its shape and as floating-point numbers, and none may be left
  /// over but those that no model reads, see `WeightNames`. No weights are read yet.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - tensors: what the model consists of, for instance `Graph.tensors`.
  ///   - isIgnored: whether a tensor of a name that the model lacks may be left over too.
  /// - Throws: `CheckpointError` with `.wrongClassCount` if only the classifier `fc` has another
  ///   number of classes, otherwise with `.wrongModel`.
  public init(
    file: CheckpointFile, tensors: [TensorSpecification],
    ignoring isIgnored: (String) -> Bool = { _ in false }
  ) throws(CheckpointError) {
    self.file = file
    let comparison = Comparison(of: file, with: tensors, ignoring: isIgnored)
    if let error = comparison.error { throw error }
  }

  /// Reads one tensor as float32 and gives the memory of its file pages back.
  ///
  /// - Parameter tensor: its name and shape.
  /// - Returns: its elements in C order, all finite.
  /// - Throws: `CheckpointError` with `.nonFinite` if an element is infinite or not a number, also
  ///   by rounding to float32; with `.missingTensor` or `.wrongModel` if `tensor` is not one of
  ///   those given to `init(file:tensors:)`.
  public func read(_ tensor: TensorSpecification) throws(CheckpointError) -> [Float] {
    guard let entry = file.weight(named: tensor.name) else {
      throw CheckpointError(
        .missingTensor, "\(file.name): there is no tensor \(printable(tensor.name))")
    }
    guard entry.shape == tensor.shape else {
      throw CheckpointError(
        .wrongModel,
        "\(file.name): tensor \(printable(tensor.name)) is not of shape \(tensor.shape)")
    }
    let floats = try file.floats(of: entry, releasingPages: true)
    guard areFinite(floats) else {
      let index = floats.firstIndex { !$0.isFinite } ?? 0
      throw CheckpointError(
        .nonFinite,
        "\(file.name): tensor \(printable(tensor.name)) has \(floats[index]) as element \(index), "
          + "weights must be finite; did training diverge?")
    }
    return floats
  }

  /// The hash of the whole file.
  ///
  /// - Returns: the hash; nil if the file is not one that was opened by its path.
  public func contentHash() -> UInt64? { file.contentHash() }
}

/// Whether all numbers are finite; one pass without branches, so it becomes vector code.
private func areFinite(_ floats: [Float]) -> Bool {
  var largest: UInt32 = 0
  for float in floats { largest = max(largest, float.bitPattern & 0x7FFF_FFFF) }
  return largest < 0x7F80_0000
}
