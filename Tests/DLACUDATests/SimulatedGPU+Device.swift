import DLACUDA
import DLACore
import _DLATestSupport

extension SimulatedGPU {
  /// The simulated device, in this process.
  ///
  /// - Parameter capability: what the plan takes it for, whatever it can.
  /// - Returns: the device.
  /// - Throws: `CUDAError`; the system's error if the library was not built.
  func device(capability: Int = 90) throws -> CUDADevice {
    try CUDADevice(
      0,
      of: CUDALibraries(driverName: driver) { [path = home.path] in
        $0 == "CUDA_HOME" ? path : nil
      },
      mostCapability: capability)
  }
}
