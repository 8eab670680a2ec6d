import DLACore

/// What of CUDA was found on this machine, or why nothing, for people.
package struct CUDAReport {
  /// Names and what was found, in the order to show them.
  package let rows: [(name: String, value: String)]

  /// Looks.
  ///
  /// - Parameters:
  ///   - driverName: the driver's file, or its name where the system keeps libraries.
  ///   - environment: the value of an environment variable, nil if it is not set.
  package init(
    driverName: String = CUDALibraries.usualDriverName,
    environment: @escaping @Sendable (String) -> String? = Platform.environment
  ) {
    do {
      let libraries = try CUDALibraries(driverName: driverName, environment: environment)
      let version = libraries.driverVersion
      rows =
        [("CUDA driver", "for CUDA \(version.major).\(version.minor)")]
        + (0..<libraries.deviceCount).map { Self.row(of: $0, libraries) }
        + [("NVRTC", Self.compiler(of: libraries)), ("cuDNN", Self.cuDNN(of: libraries))]
    } catch {
      rows = [("GPU", "no: \(error)")]
    }
  }

  private static func row(of number: Int, _ libraries: CUDALibraries) -> (String, String) {
    do {
      let device = try CUDADevice(number, of: libraries)
      return (
        "cuda:\(number)",
        "\(printable(device.name, limit: 80)), compute capability \(device.capability / 10)."
          + "\(device.capability % 10), \(device.multiprocessors) multiprocessors, "
          + "\(device.memoryBytes >> 20) MiB"
      )
    } catch {
      return ("cuda:\(number)", "no: \(error)")
    }
  }

  private static func compiler(of libraries: CUDALibraries) -> String {
    do {
      let compiler = try libraries.compiler()
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
