import DLABackend
import DLACUDA
import DLASystem
import _DLATestSupport

extension SimulatedGPU {
  /// The kernels of the simulated device, in this process.
  ///
  /// - Returns: the kernels.
  /// - Throws: `CUDAError`; the system's error if the library was not built.
  func kernels(
    _ precision: Precision, cache: CacheFolder? = nil, arithmetics: [Arithmetic]? = nil
  ) throws -> CUDAKernels {
    try CUDAKernels(precision, on: device(), cache: cache, arithmetics: arithmetics)
  }

  private func device() throws -> CUDADevice {
    try CUDADevice(
      0,
      of: CUDALibraries(driverName: driver) { [path = home.path] in
        $0 == "CUDA_HOME" ? path : nil
      })
  }
}
