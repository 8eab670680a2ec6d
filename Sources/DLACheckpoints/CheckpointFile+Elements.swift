import DLATensor
import DLAText

// Reading what the tensors hold.
extension CheckpointFile {
  /// Lends the bytes of a tensor in C order.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - body: reads the bytes, which need not be aligned; they are valid only during the call.
  /// - Returns: what `body` returns.
  /// - Throws: `CheckpointError` with `.missingTensor`, with `.malformed` if the file holds fewer
  ///   elements than it says, or what `body` throws.
  public func withBytes<Result>(
    named name: String, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result { try withBytes(of: requiredEntry(name), body) }

  /// Reads a tensor as float32.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - releasingPages: whether the memory of the file's pages that only this tensor covers is
  ///     given back afterwards, so that a model is not held twice; they are read again on demand.
  /// - Returns: its elements in C order; float64 ones are rounded to nearest.
  /// - Throws: `CheckpointError`: as `withBytes(named:_:)`, or `.unsupported` if it holds no
  ///   floating-point numbers.
  public func floats(
    named name: String, releasingPages: Bool = false
  ) throws(CheckpointError) -> [Float] {
    try floats(of: requiredEntry(name), releasingPages: releasingPages)
  }

  /// Reads a tensor as float32 with its shape.
  ///
  /// - Parameters:
  ///   - name: the tensor's name.
  ///   - releasingPages: as for `floats(named:releasingPages:)`.
  /// - Returns: the tensor.
  /// - Throws: `CheckpointError` as `floats(named:releasingPages:)` does.
  public func tensor(
    named name: String, releasingPages: Bool = false
  ) throws(CheckpointError) -> Tensor {
    let entry = try requiredEntry(name)
    return Tensor(
      shape: entry.shape, elements: try floats(of: entry, releasingPages: releasingPages))
  }

  func floats(of entry: Entry, releasingPages: Bool) throws(CheckpointError) -> [Float] {
    guard let floats = try floats(of: entry) else {
      throw CheckpointError(
        .unsupported,
        "\(self.name): tensor \(printable(entry.name)) is \(entry.dataType.rawValue), "
          + "expected F32, F16, BF16 or F64")
    }
    guard releasingPages, case .mapping(let mapping, _) = owner else { return floats }
    for part in entry.stored.parts {
      switch part {
      case .file(let range), .latin1(let range, _): mapping.releasePages(of: range)
      case .shard(let shard, let range): shard.releasePages(of: range)
      case .memory: break
      }
    }
    return floats
  }

  /// Lends the bytes of one of `entries` in C order; see `withBytes(named:_:)`.
  package func withBytes<Result>(
    of entry: Entry, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    if let range = entry.fileRange {
      return try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
    let copy = try ByteCopy(count: entry.stored.byteCount) { target throws(CheckpointError) in
      try copyElements(of: entry, to: target)
    }
    return try withExtendedLifetime(copy) { () throws(CheckpointError) in try body(copy.bytes) }
  }

  /// The elements as float32, nil if they are no floating-point numbers.
  private func floats(of entry: Entry) throws(CheckpointError) -> [Float]? {
    guard entry.dataType == .float32, entry.fileRange == nil, entry.count > 0 else {
      return try withBytes(of: entry) { bytes in floatsDecoded(from: bytes, entry.dataType) }
    }
    // Gathered where they are wanted, without a copy between.
    var failure: CheckpointError?
    let floats = [Float](unsafeUninitializedCapacity: entry.count) { floats, count in
      let target = UnsafeMutableRawBufferPointer(floats)
      do throws(CheckpointError) {
        try copyElements(
          of: entry, to: UnsafeMutableRawBufferPointer(rebasing: target[..<entry.stored.byteCount]))
        count = entry.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return floats
  }

  private func copyElements(
    of entry: Entry, to target: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    do {
      try entry.stored.copyElements(of: bytes, to: target)
    } catch {
      throw CheckpointError(error, in: "\(self.name): tensor \(printable(entry.name))")
    }
  }
}
