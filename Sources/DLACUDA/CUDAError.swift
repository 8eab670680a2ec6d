/// Why a GPU could not be used.
public struct CUDAError: Error, Sendable, CustomStringConvertible {
  /// Kinds of failure that a caller may want to tell apart.
  public enum Code: Sendable {
    /// The driver, or the compiler of kernels, is not there or can't be loaded.
    case missingLibrary
    /// The driver is older than what is asked of it.
    case driverTooOld
    /// There is no device of that number.
    case noSuchDevice
    /// The device is older than the kernels suit.
    case deviceTooOld
    /// The device can't compute in the precision that is asked for.
    case unsupportedPrecision
    /// The device has too little memory left.
    case outOfMemory
    /// The device has failed and does nothing more for this process.
    case lostDevice
    /// A kernel could not be compiled.
    case compilation
    /// Anything else that the driver refused.
    case driver
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what was found, what was expected, what to do.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
