import Foundation

/// The simulated GPU beside the tests (`Tests/_DLASimulatedGPU/README.md`), laid out as CUDA's files.
public struct SimulatedGPU: Sendable {
  /// A folder with `libcuda.so.1` and `lib64/libnvrtc.so.12`.
  public let folder: TemporaryFolder

  /// The driver's file.
  public var driver: String { folder.path("libcuda.so.1") }

  /// Lays out the files.
  ///
  /// - Throws: the system's error if the library was not built.
  public init() throws {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let library = URL(filePath: bundle).deletingLastPathComponent()
      .appending(path: "lib_DLASimulatedGPU.so").path
    folder = try TemporaryFolder()
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder.path("lib64"), withIntermediateDirectories: true)
    guard files.fileExists(atPath: library) else { throw CocoaError(.fileNoSuchFile) }
    for name in ["libcuda.so.1", "lib64/libnvrtc.so.12", "lib64/libcuda.so.1"] {
      try files.createSymbolicLink(atPath: folder.path(name), withDestinationPath: library)
    }
  }

  /// The environment of a process that shall find it, and how it shall be.
  ///
  /// - Parameter settings: as `DLA_SIMULATED_GPU` has them, for instance `memory=1000000`.
  /// - Returns: the variables to add.
  public func environment(_ settings: String = "") -> [String: String] {
    ["LD_LIBRARY_PATH": folder.path("lib64"), "DLA_SIMULATED_GPU": settings]
  }
}
