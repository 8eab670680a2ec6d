import DLABackend

/// All kernels of a precision on a device, loaded once for all plans.
package final class CUDAKernels: Sendable {
  /// What they compute with.
  package let precision: Precision
  /// Where they are.
  package let device: CUDADevice
  /// The same kernels for each way to multiply, the likelier first.
  let modules: [KernelModule]

  /// Loads kernels; those that were not compiled before are compiled, which takes seconds.
  ///
  /// - Parameters:
  ///   - precision: what they compute with.
  ///   - device: where they will run.
  ///   - cache: beside which compiled kernels are kept; nil for nowhere.
  ///   - arithmetics: ways to multiply; nil for all that the device has.
  /// - Throws: `CUDAError` with `.unsupportedPrecision`, `.missingLibrary`, `.compilation`,
  ///   `.driverTooOld`, or what the driver refuses.
  package init(
    _ precision: Precision, on device: CUDADevice, cache: PackedWeightsCache? = nil,
    arithmetics: [Arithmetic]? = nil
  ) throws(CUDAError) {
    self.precision = precision
    self.device = device
    let chosen = if let arithmetics { arithmetics } else { try precision.arithmetics(on: device) }
    var modules: [KernelModule] = []
    for arithmetic in chosen {
      modules.append(
        try KernelModule(
          precision, arithmetic, on: device, cache: cache.map { KernelCache(folder: $0.folder) }))
    }
    self.modules = modules
  }

  /// The kernels that multiply in one of the loaded ways.
  func module(_ arithmetic: Arithmetic) -> KernelModule {
    guard let module = modules.first(where: { $0.arithmetic == arithmetic }) else {
      preconditionFailure("no kernels are loaded for \(arithmetic.rawValue)")
    }
    return module
  }

  /// The names of all ways to compute a convolution, see `CUDAPlan.Options.choice`.
  package var choices: [String] {
    ConvolutionChoice.all(modules.map(\.arithmetic), on: device).map(\.name)
  }
}
