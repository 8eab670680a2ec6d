import DLABackend
import DLACUDA
import DLAGraph
import DLATensor

extension Network.Configuration {
  /// What runs a network as this engine says.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration`; `CUDAError` if a GPU can't be used.
  func backend(_ graph: Graph, _ weights: any WeightSource) throws -> any Backend {
    switch device {
    case .cpu: try ProcessorBackend(graph, weights, self)
    case .cuda: try CUDABackend(graph, weights, self)
    }
  }

  /// The kernels of its GPU; nil for the processor.
  ///
  /// - Throws: `CUDAError` if the GPU can't be used.
  package func kernels() throws(CUDAError) -> CUDAKernels? {
    guard case .cuda(let number) = device else { return nil }
    return try CUDAKernels(
      precision, on: CUDADevice(number, of: CUDALibraries()), cache: cache)
  }
}
