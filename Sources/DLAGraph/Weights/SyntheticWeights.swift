import DLATensor

/// Weights derived from a model's name, for tests and benchmarks.
///
/// Every tensor is drawn from the stream of `KeyedRandom` with key `<model>/<tensor name>`, in C
/// order, computed in float64 and rounded to float32. With `u` the next uniform number:
///
/// | tensor | value |
/// | --- | --- |
/// | `…running_var` | 1 + 0.5 u |
/// | `…running_mean` | 0.1 u |
/// | four dimensions (O, I, H, W) | u · sqrt(5 / (I·H·W)) |
/// | other `…weight` (batch norm) | s · (1 + 0.2 u); s = 0.2 where the norm joins a shortcut, else
/// 1 |
/// | other (`…bias`) | 0.1 u |
///
/// The scales keep activations of every depth near one, so the class scores of a network with these
/// weights are finite and depend on all of its input.
public struct SyntheticWeights: WeightSource {
  /// The model's name, the first part of every key.
  public let model: String
  /// The suffixes of the names of batch norm weights whose output is added to a shortcut.
  public let shortcutNorms: [String]

  /// Makes the weights of one model.
  ///
  /// - Parameters:
  ///   - model: the model in timm's spelling, for instance `dla60x_c`.
  ///   - shortcutNorms: suffixes of batch norm weights whose output is added to a shortcut.
  public init(model: String, shortcutNorms: [String]) {
    (self.model, self.shortcutNorms) = (model, shortcutNorms)
  }

  /// Draws one tensor.
  ///
  /// - Parameter tensor: its name and shape.
  /// - Returns: its elements in C order; the same on all hardware.
  public func read(_ tensor: TensorSpecification) -> [Float] {
    let rule = rule(for: tensor)
    var random = KeyedRandom(key: "\(model)/\(tensor.name)")
    return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, initialized in
      for index in 0..<tensor.count {
        let value = rule.scale * (rule.center + rule.spread * random.nextUniform())
        buffer.initializeElement(at: index, to: Float(value))
      }
      initialized = tensor.count
    }
  }

  /// An element is `scale · (center + spread · u)`.
  private struct Rule {
    var scale = 1.0
    var center = 0.0
    var spread = 0.1
  }

  private func rule(for tensor: TensorSpecification) -> Rule {
    let name = tensor.name
    if name.hasSuffix("running_var") { return Rule(center: 1, spread: 0.5) }
    if name.hasSuffix("running_mean") { return Rule() }
    if tensor.shape.count == 4 {
      let inputs = tensor.shape.dropFirst().reduce(1, *)
      return Rule(spread: (5 / Double(inputs)).squareRoot())
    }
    guard name.hasSuffix("weight") else { return Rule() }
    let joinsShortcut = shortcutNorms.contains(where: name.hasSuffix)
    return Rule(scale: joinsShortcut ? 0.2 : 1, center: 1, spread: 0.2)
  }
}
