/// An error of a GPU or its driver.
public struct CUDAError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable {
    /// The driver, or the compiler of kernels, is missing or can't be loaded.
    case missingLibrary
    /// The driver is too old.
    case driverTooOld
    /// There is no device of that number.
    case noSuchDevice
    /// The device is too old.
    case deviceTooOld
    /// The device does not support the requested precision.
    case unsupportedPrecision
    /// The device has too little free memory.
    case outOfMemory
    /// The device has failed and can't be used any more by this process.
    case lostDevice
    /// A kernel could not be compiled.
    case compilation
    /// Any other error of the driver.
    case driver
  }

  /// The kind of failure.
  public let code: Code
  /// One line: the finding, the expectation and the remedy.
  public let message: String

  init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }

  /// The message.
  public var description: String { message }
}
