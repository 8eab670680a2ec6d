/// One launch of a kernel.
struct Launch: Sendable {
  /// A parameter of a kernel; addresses are relative to the memory of a run.
  enum Argument: Sendable {
    /// A byte of the run's arena.
    case arena(Int)
    /// A byte of the plan's weights.
    case weights(Int)
    /// No address.
    case none
    case number(Int)
  }

  let name: String
  let kernel: KernelModule.Kernel
  /// Blocks along x and y.
  let grid: (x: Int, y: Int)
  /// Threads of a block.
  let threads: Int
  var sharedBytes = 0
  let arguments: [Argument]

  /// One thread for each of `count` pieces of work.
  static func blocks(of threads: Int, for count: Int) -> (x: Int, y: Int) {
    ((count + threads - 1) / threads, 1)
  }

  /// Starts the kernel.
  ///
  /// - Throws: `CUDAError` if the driver refuses.
  func start(
    in stream: CUDAStream, arena: CUDADriver.Address, weights: CUDADriver.Address
  ) throws(CUDAError) {
    // Eight bytes each: a kernel reads of a number the four that it is declared with.
    var values = arguments.map { argument -> UInt64 in
      switch argument {
      case .arena(let offset): arena + UInt64(offset)
      case .weights(let offset): weights + UInt64(offset)
      case .none: 0
      case .number(let number): UInt64(UInt32(bitPattern: Int32(number)))
      }
    }
    let device = stream.device
    let status = values.withUnsafeMutableBytes { bytes in
      var addresses = (0..<arguments.count).map { index in
        bytes.baseAddress.map { $0 + 8 * index }
      }
      return device.driver.launchKernel(
        kernel.handle, UInt32(grid.x), UInt32(grid.y), 1, UInt32(threads), 1, 1,
        UInt32(sharedBytes), stream.handle, &addresses, nil)
    }
    try device.check(status, "start \(kernel.name) for \(name)")
  }
}
