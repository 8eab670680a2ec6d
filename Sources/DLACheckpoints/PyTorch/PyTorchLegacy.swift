import DLAText

/// The format of `torch.save` before PyTorch 1.6: five pickles (magic number, version, machine,
/// object, keys of the storages), then for each key a count and its elements.
///
/// Source: `_legacy_save` in `torch/serialization.py` of PyTorch 2.15.
enum PyTorchLegacy {
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let version = 1001

  /// True if the first pickle of a file holds the format's magic number.
  static func isMagic(_ value: PickleValue, in file: UnsafeRawBufferPointer) -> Bool {
    guard case .longInteger(let span) = value else { return false }
    return file[span.range].elementsEqual(magic)
  }

  /// Reads what follows the magic number.
  ///
  /// - Returns: the tensors of the state dict in it.
  /// - Throws: `Fault` if there is none.
  static func contents(
    of file: UnsafeRawBufferPointer, _ machine: inout PickleMachine
  ) throws(Fault) -> CheckpointContents {
    guard case .integer(version) = try machine.run() else {
      throw Fault("its version is unknown, \(version) is expected", code: .unsupported)
    }
    let system = try machine.run()
    try requireLittleEndian(system, machine)
    let saved = try machine.run()
    let keyList = try machine.run()
    let keys = machine.heap.sequence(keyList) ?? []
    let found = try StateDictionary(of: saved, in: machine)
    var sizes: [ExactText: Int] = [:]
    for storage in machine.heap.storages {
      let size = storage.dataType.byteCount
      guard sizes.updateValue(size, forKey: ExactText(storage.key)) ?? size == size else {
        throw Fault("storage \(printable(storage.key)) has elements of two sizes")
      }
    }
    let parts = try storages(keys, sizes: sizes, in: file, machine)
    return try found.contents(.pyTorchLegacy, pickle: .file(0..<file.count), limit: file.count) {
      storage throws(Fault) in
      guard let part = parts[ExactText(storage.key)] else {
        throw Fault("there is no storage \(printable(storage.key)), which a tensor needs")
      }
      return [part]
    }
  }

  private static func requireLittleEndian(
    _ system: PickleValue, _ machine: PickleMachine
  ) throws(Fault) {
    guard let pairs = machine.heap.pairs(system) else {
      throw Fault("a dictionary that describes the machine is expected")
    }
    for (key, value) in pairs {
      guard case .text(let span) = key,
        ExactText(try machine.string(span)) == "little_endian"
      else { continue }
      guard case .bool(true) = value else {
        throw Fault(
          "it was saved by a big-endian machine; load and save it on this one",
          code: .unsupported)
      }
    }
  }

  /// The bytes of each storage's elements, which follow a count of eight bytes.
  private static func storages(
    _ keys: [PickleValue], sizes: [ExactText: Int], in file: UnsafeRawBufferPointer,
    _ machine: PickleMachine
  ) throws(Fault) -> [ExactText: StoredTensor.Part] {
    var parts: [ExactText: StoredTensor.Part] = [:]
    var position = machine.position
    for key in keys {
      guard case .text(let span) = key else { throw Fault("a storage's key is no text") }
      let name = try machine.string(span)
      guard let size = sizes[ExactText(name)] else {
        throw Fault("storage \(printable(name)) belongs to no tensor")
      }
      guard file.count - position >= 8 else {
        throw Fault(
          "the file ends before storage \(printable(name)); was it downloaded to its end?")
      }
      let count = UInt64(
        littleEndian: file.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      position += 8
      guard count <= UInt64((file.count - position) / size) else {
        throw Fault(
          "storage \(printable(name)) claims \(count) elements of \(size) bytes, "
            + "\(file.count - position) bytes are left; was the file downloaded to its end?")
      }
      let end = position + Int(count) * size
      guard parts.updateValue(.file(position..<end), forKey: ExactText(name)) == nil else {
        throw Fault("storage \(printable(name)) is there twice")
      }
      position = end
    }
    return parts
  }
}
