import DLATensor

extension Graph {
  /// Every tensor of the network, in the order of the nodes.
  public var tensors: [TensorSpecification] { nodes.flatMap(\.tensors) }

  /// The number of learned parameters.
  public var parameterCount: Int {
    tensors.lazy.filter { $0.kind == .parameter }.reduce(0) { $0 + $1.count }
  }

  /// The number of running means and variances.
  public var statisticCount: Int {
    tensors.lazy.filter { $0.kind == .statistic }.reduce(0) { $0 + $1.count }
  }
}

extension Graph.Node {
  /// The tensors this node reads, parameters first.
  public var tensors: [TensorSpecification] {
    func parameter(_ suffix: String, _ shape: [Int]) -> TensorSpecification {
      TensorSpecification(name: "\(name).\(suffix)", shape: shape, kind: .parameter)
    }
    func statistic(_ suffix: String) -> TensorSpecification {
      TensorSpecification(name: "\(name).\(suffix)", shape: [channels], kind: .statistic)
    }
    switch operation {
    case .convolution(let convolution):
      let weight = parameter("weight", convolution.weightShape)
      return convolution.hasBias ? [weight, parameter("bias", [channels])] : [weight]
    case .batchNorm:
      return [
        parameter("weight", [channels]), parameter("bias", [channels]),
        statistic("running_mean"), statistic("running_var"),
      ]
    default: return []
    }
  }
}
