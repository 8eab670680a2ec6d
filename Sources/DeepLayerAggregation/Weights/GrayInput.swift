import DLATensor

/// The weights of a network of colours for gray images: those of its first convolution are added up over
/// red, green and blue, as timm's `adapt_input_conv` does.
///
/// On gray images, normalised alike in all channels, the sums are those of the network of colours.
package struct GrayInput: WeightSource {
  private let colours: any WeightSource

  /// Takes all other weights as they are.
  package init(of colours: any WeightSource) { self.colours = colours }

  package func read(_ tensor: TensorSpecification) throws -> [Float] {
    guard tensor.name == "base_layer.0.weight" else { return try colours.read(tensor) }
    let (outputs, size) = (tensor.shape[0], tensor.shape[2] * tensor.shape[3])
    let weights = try colours.read(
      TensorSpecification(
        name: tensor.name, shape: [outputs, 3, tensor.shape[2], tensor.shape[3]]))
    return (0..<outputs * size).map { index in
      let first = index / size * 3 * size + index % size
      return weights[first] + weights[first + size] + weights[first + 2 * size]
    }
  }
}
