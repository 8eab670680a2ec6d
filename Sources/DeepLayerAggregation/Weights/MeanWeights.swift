import DLATensor

/// The mean of several weights of one network, tensor by tensor, running statistics included, as timm's
/// `avg_checkpoints.py`; computed in float64.
package struct MeanWeights: WeightSource {
  private let sources: [any WeightSource]

  /// - Precondition: there is one source or more.
  package init(of sources: [any WeightSource]) {
    precondition(!sources.isEmpty, "there is no mean of no weights")
    self.sources = sources
  }

  package func read(_ tensor: TensorSpecification) throws -> [Float] {
    var sums = Array(repeating: 0.0, count: tensor.count)
    for source in sources {
      for (index, value) in try source.read(tensor).enumerated() { sums[index] += Double(value) }
    }
    return sums.map { Float($0 / Double(sources.count)) }
  }
}
