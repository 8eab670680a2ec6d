import DLARuntime

extension StreamPool {
  /// Starts the threads of an engine.
  ///
  /// - Parameter engine: how many streams and threads.
  /// - Throws: `RuntimeError` with `.unsuitableEngine` if there is no thread or stream, or if streams
  ///   outnumber threads.
  package convenience init(_ engine: Network.Engine) throws(RuntimeError) {
    guard engine.threads >= 1 else {
      throw RuntimeError(
        code: .unsuitableEngine,
        message: "\(engine.threads) threads were asked for; there must be at least 1")
    }
    guard (1...engine.threads).contains(engine.streams) else {
      throw RuntimeError(
        code: .unsuitableEngine,
        message: "\(engine.streams) streams on \(engine.threads) threads were asked for; every "
          + "stream needs a thread, so 1 to \(engine.threads) are expected")
    }
    self.init(count: engine.streams, threads: engine.threads)
  }
}
