import DLAGraph
import DLATensor

/// All tensors of a network, contiguous in memory: its parameters, their gradients, or the state of
/// an optimizer.
///
/// Not thread-safe for writes.
package final class ParameterBlock: @unchecked Sendable {
  // Unchecked: the pointer never changes; callers order writes and reads of the numbers.
  /// The tensors in the order of the graph.
  package let tensors: [TensorSpecification]
  /// The start of each tensor.
  package let offsets: [String: Int]
  private let memory: AlignedFloats

  /// Takes memory, all zeros.
  ///
  /// - Throws: `RuntimeError` with `.outOfMemory`.
  package init(_ tensors: [TensorSpecification]) throws(RuntimeError) {
    self.tensors = tensors
    var offsets: [String: Int] = [:]
    var count = 0
    for tensor in tensors {
      offsets[tensor.name] = count
      count += tensor.count
    }
    self.offsets = offsets
    memory = try AlignedFloats(count: count)
  }

  package var all: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: memory.base, count: memory.count)
  }

  var base: UnsafeMutablePointer<Float> { memory.base }

  /// One tensor in C order.
  ///
  /// - Precondition: the network has it.
  package subscript(tensor: TensorSpecification) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base + offset(of: tensor.name), count: tensor.count)
  }

  func offset(of name: String) -> Int {
    guard let offset = offsets[name] else { preconditionFailure("there is no tensor \(name)") }
    return offset
  }

  /// Reads all tensors.
  ///
  /// - Throws: the source's error.
  package func load(_ source: some WeightSource) throws {
    for tensor in tensors { _ = self[tensor].update(from: try source.read(tensor)) }
  }
}

extension ParameterBlock: WeightSource {
  /// Reads one tensor as it is now, for inference or for a file.
  ///
  /// - Throws: `RuntimeError` with `.brokenWeights` if there is none of the name and shape.
  package func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard tensors.contains(where: { $0.name == tensor.name && $0.shape == tensor.shape }) else {
      throw RuntimeError(
        code: .brokenWeights,
        message: "there is no tensor \(tensor.name) of shape \(tensor.shape) in this training")
    }
    return Array(self[tensor])
  }
}
