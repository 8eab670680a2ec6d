import DLATensor
import DLAText

/// Numbers of a flat block that an optimizer treats alike.
package struct ParameterGroup: Sendable, Equatable {
  /// Their range in the block.
  package let range: Range<Int>
  /// The weight decay: how much of a parameter is added to its gradient, or taken off it.
  package let decay: Double
  /// The factor of the learning rate, above 0.
  package let learningRateScale: Double

  package init(range: Range<Int>, decay: Double = 0, learningRateScale: Double = 1) {
    (self.range, self.decay, self.learningRateScale) = (range, decay, learningRateScale)
  }
}

/// Weight decay and learning rate by parameter.
package struct ParameterPolicy: Sendable, Equatable {
  /// The weight decay of those that decay.
  package var decay: Double
  package var decaying: TrainingRecipe.Decay
  /// Factors of the learning rate by part of the network, for instance `level5` or `fc`; the
  /// longest name that fits counts, and a part of factor 0 is left as it is: no decay, no momentum.
  package var learningRateScales: [String: Double]

  package init(
    decay: Double = 0, decaying: TrainingRecipe.Decay = .all,
    learningRateScales: [String: Double] = [:],
    frozen: [String] = []
  ) {
    (self.decay, self.decaying, self.learningRateScales) = (decay, decaying, learningRateScales)
    for part in frozen { self.learningRateScales[part] = 0 }
  }

  /// The groups of a block that holds the tensors one after another.
  ///
  /// Statistics and frozen parts are in none. Neighbours that are treated alike are one group.
  ///
  /// - Returns: the groups in the order of the block.
  /// - Throws: `TrainingError` with `.unknownPart` if the policy names a part without parameters,
  ///   and with `.unsuitableNumber` if a factor is negative.
  package func groups(of tensors: [TensorSpecification]) throws(TrainingError) -> [ParameterGroup] {
    try checkParts(tensors)
    var groups: [ParameterGroup] = []
    var start = 0
    for tensor in tensors {
      let range = start..<start + tensor.count
      start = range.upperBound
      let factor = learningRateScale(of: tensor.name)
      guard tensor.kind == .parameter, factor > 0, !range.isEmpty else { continue }
      let decay = decays(tensor) ? decay : 0
      if let last = groups.last, last.range.upperBound == range.lowerBound, last.decay == decay,
        last.learningRateScale == factor
      {
        groups.removeLast()
        groups.append(
          ParameterGroup(
            range: last.range.lowerBound..<range.upperBound, decay: decay, learningRateScale: factor
          ))
      } else {
        groups.append(ParameterGroup(range: range, decay: decay, learningRateScale: factor))
      }
    }
    return groups
  }

  /// The factor of the learning rate of a tensor.
  package func learningRateScale(of name: String) -> Double {
    let fitting = learningRateScales.filter { Self.part($0.key, holds: name) }
    return fitting.max { $0.key.count < $1.key.count }?.value ?? 1
  }

  private func decays(_ tensor: TensorSpecification) -> Bool {
    switch decaying {
    case .all: true
    case .weights: tensor.shape.count > 1 && !tensor.name.hasSuffix(".bias")
    }
  }

  private func checkParts(_ tensors: [TensorSpecification]) throws(TrainingError) {
    let names = tensors.filter { $0.kind == .parameter }.map(\.name)
    for (part, factor) in learningRateScales.sorted(by: { $0.key < $1.key }) {
      guard factor >= 0, factor.isFinite else {
        throw TrainingError(
          code: .unsuitableNumber,
          message: "the rate factor of \(printable(part)) is \(factor); it must be 0 or more")
      }
      guard !names.contains(where: { Self.part(part, holds: $0) }) else { continue }
      var parts: [String] = []
      for name in names {
        let first = String(name.prefix { $0 != "." })
        if parts.last != first { parts.append(first) }
      }
      throw TrainingError(
        code: .unknownPart,
        message: "\"\(printable(part))\" is no part of the network with parameters; its parts are "
          + "\(parts.joined(separator: ", ")), and what lies in them")
    }
  }

  /// True if a tensor's name begins with the names that make up a part: `level1` is not `level10`.
  private static func part(_ part: String, holds name: String) -> Bool {
    name == part || name.hasPrefix(part + ".")
  }
}
