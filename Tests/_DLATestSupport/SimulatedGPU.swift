import Foundation

/// The simulated GPU (`Tests/_DLASimulatedGPU/README.md`), laid out like a CUDA installation.
public struct SimulatedGPU: Sendable {
  /// The value for `CUDA_HOME`.
  public let home: URL

  /// The folder of its libraries.
  public var libraries: String { home.appending(path: "lib64").path }

  /// The path of the driver.
  public var driver: String { "\(libraries)/libcuda.so.1" }

  /// Creates the missing files beside the library.
  ///
  /// - Throws: the system's error if the library was not built.
  public init() throws {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let folder = URL(filePath: bundle).deletingLastPathComponent()
    let library = folder.appending(path: "lib_DLASimulatedGPU.so").path
    home = folder.appending(path: "simulated-gpu")
    let files = FileManager.default
    guard files.fileExists(atPath: library) else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: library])
    }
    try files.createDirectory(atPath: libraries, withIntermediateDirectories: true)
    for name in ["libcuda.so.1", "libnvrtc.so.12"] {
      let link = "\(libraries)/\(name)"
      do {
        try files.createSymbolicLink(atPath: link, withDestinationPath: library)
      } catch  where files.fileExists(atPath: link) {
        // Another test or an earlier run made it.
      }
    }
  }

  /// The environment in which a process finds it.
  ///
  /// - Parameter settings: the value of `DLA_SIMULATED_GPU`, for instance `memory=1000000`.
  /// - Returns: the variables to add.
  public func environment(_ settings: String = "") -> [String: String] {
    [
      "LD_LIBRARY_PATH": libraries, "CUDA_HOME": home.path, "DLA_SIMULATED_GPU": settings,
    ]
  }
}
