import DLACore
import DLARuntime

extension Network.Engine {
  /// What runs a network as this engine says.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableEngine`; `CUDAError` if a GPU can't be used.
  func backend(_ graph: Graph, _ weights: any WeightSource) throws -> any Backend {
    switch device {
    case .cpu: try ProcessorBackend(graph, weights, self)
    case .cuda(let number): try CUDABackend(graph, weights, self, number: number)
    }
  }
}
