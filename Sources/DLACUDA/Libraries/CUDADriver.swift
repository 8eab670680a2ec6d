import DLASystem

/// The functions of the CUDA driver that are used, under the names its documentation has
/// (CUDA Driver API), without their prefix.
struct CUDADriver: @unchecked Sendable {
  // Unchecked: pointers to functions that may be called from all threads.
  typealias Status = Int32
  typealias Handle = OpaquePointer
  typealias NewHandle = UnsafeMutablePointer<OpaquePointer?>
  typealias Address = UInt64
  typealias Ordinal = Int32

  let initialize: @convention(c) (UInt32) -> Status
  let driverGetVersion: @convention(c) (UnsafeMutablePointer<Int32>) -> Status
  let getErrorName: @convention(c) (Status, UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Status

  let deviceGetCount: @convention(c) (UnsafeMutablePointer<Int32>) -> Status
  let deviceGet: @convention(c) (UnsafeMutablePointer<Ordinal>, Int32) -> Status
  let deviceGetName: @convention(c) (UnsafeMutablePointer<CChar>, Int32, Ordinal) -> Status
  let deviceGetAttribute: @convention(c) (UnsafeMutablePointer<Int32>, Int32, Ordinal) -> Status
  let deviceTotalMem: @convention(c) (UnsafeMutablePointer<Int>, Ordinal) -> Status
  let devicePrimaryCtxRetain: @convention(c) (NewHandle, Ordinal) -> Status
  let devicePrimaryCtxRelease: @convention(c) (Ordinal) -> Status
  let ctxSetCurrent: @convention(c) (Handle?) -> Status

  let memAlloc: @convention(c) (UnsafeMutablePointer<Address>, Int) -> Status
  let memFree: @convention(c) (Address) -> Status
  let memGetInfo: @convention(c) (UnsafeMutablePointer<Int>, UnsafeMutablePointer<Int>) -> Status
  let memHostAlloc:
    @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int, UInt32) -> Status
  let memFreeHost: @convention(c) (UnsafeMutableRawPointer) -> Status
  let memcpyHtoD: @convention(c) (Address, UnsafeRawPointer, Int) -> Status
  let memcpyHtoDAsync: @convention(c) (Address, UnsafeRawPointer, Int, Handle?) -> Status
  let memcpyDtoHAsync: @convention(c) (UnsafeMutableRawPointer, Address, Int, Handle?) -> Status
  let memsetD8: @convention(c) (Address, UInt8, Int) -> Status

  let moduleLoadData: @convention(c) (NewHandle, UnsafeRawPointer) -> Status
  let moduleUnload: @convention(c) (Handle) -> Status
  let moduleGetFunction: @convention(c) (NewHandle, Handle, UnsafePointer<CChar>) -> Status
  let funcSetAttribute: @convention(c) (Handle, Int32, Int32) -> Status
  let launchKernel:
    @convention(c) (
      Handle, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, Handle?,
      UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
      UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Status

  let streamCreate: @convention(c) (NewHandle, UInt32) -> Status
  let streamDestroy: @convention(c) (Handle) -> Status
  /// Without a stream the one of calls that name none.
  let streamSynchronize: @convention(c) (Handle?) -> Status
  let streamBeginCapture: @convention(c) (Handle, Int32) -> Status
  let streamEndCapture: @convention(c) (Handle, NewHandle) -> Status
  let graphInstantiate: @convention(c) (NewHandle, Handle, UInt64) -> Status
  let graphDestroy: @convention(c) (Handle) -> Status
  let graphExecDestroy: @convention(c) (Handle) -> Status
  let graphLaunch: @convention(c) (Handle, Handle) -> Status
  let eventCreate: @convention(c) (NewHandle, UInt32) -> Status
  let eventDestroy: @convention(c) (Handle) -> Status
  let eventRecord: @convention(c) (Handle, Handle) -> Status
  let eventElapsedTime: @convention(c) (UnsafeMutablePointer<Float>, Handle, Handle) -> Status

  /// Finds all functions.
  ///
  /// - Throws: `DynamicLibrary.LoadError` if one is missing, as in drivers before CUDA 11.4.
  init(_ library: DynamicLibrary) throws(DynamicLibrary.LoadError) {
    initialize = try library.function("cuInit")
    driverGetVersion = try library.function("cuDriverGetVersion")
    getErrorName = try library.function("cuGetErrorName")
    deviceGetCount = try library.function("cuDeviceGetCount")
    deviceGet = try library.function("cuDeviceGet")
    deviceGetName = try library.function("cuDeviceGetName")
    deviceGetAttribute = try library.function("cuDeviceGetAttribute")
    deviceTotalMem = try library.function("cuDeviceTotalMem_v2")
    devicePrimaryCtxRetain = try library.function("cuDevicePrimaryCtxRetain")
    devicePrimaryCtxRelease = try library.function("cuDevicePrimaryCtxRelease_v2")
    ctxSetCurrent = try library.function("cuCtxSetCurrent")
    memAlloc = try library.function("cuMemAlloc_v2")
    memFree = try library.function("cuMemFree_v2")
    memGetInfo = try library.function("cuMemGetInfo_v2")
    memHostAlloc = try library.function("cuMemHostAlloc")
    memFreeHost = try library.function("cuMemFreeHost")
    memcpyHtoD = try library.function("cuMemcpyHtoD_v2")
    memcpyHtoDAsync = try library.function("cuMemcpyHtoDAsync_v2")
    memcpyDtoHAsync = try library.function("cuMemcpyDtoHAsync_v2")
    memsetD8 = try library.function("cuMemsetD8_v2")
    moduleLoadData = try library.function("cuModuleLoadData")
    moduleUnload = try library.function("cuModuleUnload")
    moduleGetFunction = try library.function("cuModuleGetFunction")
    funcSetAttribute = try library.function("cuFuncSetAttribute")
    launchKernel = try library.function("cuLaunchKernel")
    streamCreate = try library.function("cuStreamCreate")
    streamDestroy = try library.function("cuStreamDestroy_v2")
    streamSynchronize = try library.function("cuStreamSynchronize")
    streamBeginCapture = try library.function("cuStreamBeginCapture_v2")
    streamEndCapture = try library.function("cuStreamEndCapture")
    graphInstantiate = try library.function("cuGraphInstantiateWithFlags")
    graphDestroy = try library.function("cuGraphDestroy")
    graphExecDestroy = try library.function("cuGraphExecDestroy")
    graphLaunch = try library.function("cuGraphLaunch")
    eventCreate = try library.function("cuEventCreate")
    eventDestroy = try library.function("cuEventDestroy_v2")
    eventRecord = try library.function("cuEventRecord")
    eventElapsedTime = try library.function("cuEventElapsedTime")
  }

  /// The name of a status, for instance `CUDA_ERROR_OUT_OF_MEMORY`.
  func name(of status: Status) -> String {
    var name: UnsafePointer<CChar>?
    guard getErrorName(status, &name) == CUDAStatus.success, let name else {
      return "CUDA error \(status)"
    }
    return String(cString: name)
  }
}

/// The statuses that are distinguished (`CUresult`).
enum CUDAStatus {
  static let success: Int32 = 0
  static let outOfMemory: Int32 = 2
  static let noDevice: Int32 = 100
  static let noBinaryForGPU: Int32 = 209
  static let systemDriverMismatch: Int32 = 803
  static let compatibilityNotSupported: Int32 = 804

  /// Statuses after which a context can't be used: the driver was unloaded, the device is not
  /// available, errors of memory or of a link that nothing corrects, faults of kernels from an
  /// illegal address to a failed launch, and what the driver can't explain.
  static let losses: Set<Int32> = [
    4, 46, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 999,
  ]
}
