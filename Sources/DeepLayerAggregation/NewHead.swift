import DLATensor

/// A network's weights with a classifier made anew, as fine-tuning begins.
///
/// Weights and bias are uniform within ±1/√channels, PyTorch's default for a convolution
/// (`torch.nn.modules.conv._ConvNd.reset_parameters`), the same ones every time.
package struct NewHead: WeightSource {
  private let model: String
  private let inputs: Int
  private let others: any WeightSource

  /// Takes all but the classifier, which reads `inputs` channels, from `others`; `model` is part of
  /// the key of the random numbers.
  package init(model: String, inputs: Int, beside others: any WeightSource) {
    self.model = model
    self.inputs = inputs
    self.others = others
  }

  /// Whether a tensor belongs to the classifier.
  package static func makes(_ tensor: TensorSpecification) -> Bool { makes(tensor.name) }

  /// Whether a name is one of the classifier's, also of one in several layers.
  package static func makes(_ name: String) -> Bool { name.utf8.starts(with: "fc.".utf8) }

  package func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard Self.makes(tensor) else { return try others.read(tensor) }
    var random = KeyedRandom(key: "new head/\(model)/\(tensor.name)")
    let bound = 1 / Double(inputs).squareRoot()
    return (0..<tensor.count).map { _ in Float(bound * random.nextUniform()) }
  }
}
