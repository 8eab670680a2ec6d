import DLATensor

/// A model's weights with a randomly initialised classifier, for fine-tuning.
///
/// Weights and bias are uniform within ±1/√channels, PyTorch's default for a convolution
/// (`torch.nn.modules.conv._ConvNd.reset_parameters`), and always the same.
package struct NewHead: WeightSource {
  private let model: String
  private let inputs: Int
  private let others: any WeightSource

  /// Takes all but the classifier, which reads `inputs` channels, from `others`; `model` is part of
  /// the key of the random numbers.
  package init(model: String, inputs: Int, beside others: any WeightSource) {
    (self.model, self.inputs, self.others) = (model, inputs, others)
  }

  /// True for the tensors of the classifier.
  package static func makes(_ tensor: TensorSpecification) -> Bool { makes(tensor.name) }

  /// True for the names of the classifier's tensors.
  package static func makes(_ name: String) -> Bool { name.utf8.starts(with: "fc.".utf8) }

  package func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard Self.makes(tensor) else { return try others.read(tensor) }
    var random = KeyedRandom(key: "new head/\(model)/\(tensor.name)")
    let bound = 1 / Double(inputs).squareRoot()
    return (0..<tensor.count).map { _ in Float(bound * random.nextUniform()) }
  }
}
