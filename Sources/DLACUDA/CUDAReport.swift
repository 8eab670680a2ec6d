import DLAText

/// A human-readable report of the CUDA driver, devices and libraries that were found.
package struct CUDAReport {
  /// Names and findings, in the order to show them.
  package let rows: [(name: String, value: String)]

  /// Collects the report, without work on any device.
  package init() {
    do {
      let libraries = try CUDALibraries()
      let version = libraries.driverVersion
      let devices = (0..<libraries.deviceCount).map { number in
        Result { try CUDADeviceProperties(number, of: libraries) }
      }
      rows =
        [("CUDA driver", "for CUDA \(version.major).\(version.minor)")]
        + devices.enumerated().map { ("cuda:\($0)", Self.text(of: $1)) }
        + [
          ("NVRTC", Self.compiler(of: libraries, for: devices)),
          ("cuDNN", Self.cuDNN(of: libraries)),
        ]
    } catch {
      rows = [("GPU", "no: \(error)")]
    }
  }

  private static func text(of device: Result<CUDADeviceProperties, any Error>) -> String {
    switch device {
    case .success(let device):
      "\(printable(device.name, limit: 80)), compute capability \(device.capability / 10)."
        + "\(device.capability % 10), \(device.multiprocessors) multiprocessors, "
        + "\(device.memoryBytes >> 20) MiB"
        + (isUsable(device) ? "" : "; too old to be used")
    case .failure(let error): "no: \(error)"
    }
  }

  private static func isUsable(_ device: CUDADeviceProperties) -> Bool {
    device.capability >= CUDADevice.oldestCapability
  }

  private static func compiler(
    of libraries: CUDALibraries, for devices: [Result<CUDADeviceProperties, any Error>]
  ) -> String {
    let usable = devices.compactMap { try? $0.get() }.first(where: isUsable)
    guard let device = usable else { return "not needed" }
    do {
      let compiler = try libraries.compiler(for: device.capability)
      return "\(compiler.version.major).\(compiler.version.minor), "
        + printablePath(compiler.library.name)
    } catch {
      return "no: \(error)"
    }
  }

  private static func cuDNN(of libraries: CUDALibraries) -> String {
    guard let found = libraries.cuDNNVersion else { return "no, and not needed" }
    // 9.1.0 is 90100, 8.9.7 is 8907.
    let unit = found.version >= 90000 ? 10000 : 1000
    let rest = found.version % unit
    return
      "\(found.version / unit).\(rest / 100).\(rest % 100), \(printablePath(found.path)); not used"
  }
}
