import DLACUDA
import DLACore
import _DLATestSupport

extension SimulatedGPU {
  /// The simulated device, in this process.
  func device() throws -> CUDADevice {
    let home = folder.path("")
    return try CUDADevice(
      0, of: CUDALibraries(driverName: driver) { $0 == "CUDA_HOME" ? home : nil })
  }
}
