import DLABackend
import DLACPU
import DLACUDA
import DLAGraph
import DLATensor

extension Network.Configuration {
  /// The engine that runs a network with this configuration.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration`; `CUDAError` if a GPU can't be used.
  package func backend(_ graph: Graph, _ weights: any WeightSource) throws -> any Backend {
    switch device {
    case .cpu:
      guard precision == .fp32 else {
        throw RuntimeError(
          code: .unsuitableConfiguration,
          message: "the CPU computes with fp32, \(precision.rawValue) was requested; "
            + "that needs a GPU (cuda)")
      }
      return try CPUBackend(
        graph, weights,
        CPUBackend.Configuration(
          threads: threads, streams: streams, instructionSet: instructionSet, cache: cache,
          tuning: tuning))
    case .cuda(let number):
      return try CUDABackend(
        graph, weights,
        on: CUDAKernels(precision, on: CUDADevice(number, of: CUDALibraries()), cache: cache),
        streams: streams, tuning: tuning)
    }
  }
}
