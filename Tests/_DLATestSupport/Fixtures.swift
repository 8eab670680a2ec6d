import Foundation

/// The recorded reference values that tests compare with.
public enum Fixtures {
  /// The root of the package.
  public static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of the values that are part of the project.
  public static let folder = package.appending(path: "Tests/Fixtures")

  /// Larger references beside the checkout, where the project is developed; nil elsewhere.
  public static let shared: URL? = {
    let folder = package.deletingLastPathComponent().appending(path: "shared/fixtures")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()
}

/// True if tests that take many minutes are wanted.
public let isSlowWanted = ProcessInfo.processInfo.environment["DLA_SLOW_TESTS"] == "1"
