import DLACPU
import DLAGraph

extension StreamPool {
  /// Starts the threads of an engine.
  ///
  /// - Parameter engine: how many streams and threads.
  /// - Throws: `RuntimeError` with `.unsuitableConfiguration` if there is no thread or stream, or if streams
  ///   outnumber threads.
  package convenience init(_ configuration: Network.Configuration) throws(RuntimeError) {
    guard configuration.threads >= 1 else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message: "\(configuration.threads) threads were asked for; there must be at least 1")
    }
    guard (1...configuration.threads).contains(configuration.streams) else {
      throw RuntimeError(
        code: .unsuitableConfiguration,
        message:
          "\(configuration.streams) streams on \(configuration.threads) threads were asked for; every "
          + "stream needs a thread, so 1 to \(configuration.threads) are expected")
    }
    self.init(count: configuration.streams, threads: configuration.threads)
  }
}
