import DLAText

extension CheckpointContents {
  /// Tells what kind of file it is, and reads what describes its tensors.
  ///
  /// - Parameter file: the whole file.
  /// - Throws: `Fault` if it is no checkpoint, or not a sound one.
  init(file: UnsafeRawBufferPointer) throws(Fault) {
    guard !file.isEmpty else { throw Fault("the file is empty") }
    if SafetensorsHeader.isAt(startOf: file) {
      self = try Safetensors.contents(of: file)
    } else if file.starts(with: [0x50, 0x4B]) {
      self = try PyTorchArchive.contents(of: file)
    } else if file[0] == PickleOpcode.proto.rawValue, file.count > 1, (2...5).contains(file[1]) {
      self = try Self.pickled(file)
    } else if let kind = OtherFile.kind(of: file) {
      throw Fault("this is \(kind)", code: .unsupported)
    } else {
      self = try Safetensors.contents(of: file)
    }
  }

  /// A file that begins with a pickle: PyTorch's magic number, or all of Paddle's dictionary.
  private static func pickled(_ file: UnsafeRawBufferPointer) throws(Fault) -> CheckpointContents {
    var machine = PickleMachine(file)
    let first = try machine.run()
    if PyTorchLegacy.isMagic(first, in: file) {
      return try PyTorchLegacy.contents(of: file, &machine)
    }
    guard machine.heap.storages.isEmpty else {
      throw Fault("it holds tensors of PyTorch without their elements; save it with torch.save")
    }
    guard machine.position == file.count else {
      throw Fault("\(file.count - machine.position) bytes follow the pickle")
    }
    return try StateDictionary(of: first, in: machine)
      .contents(.paddle, pickle: .file(0..<file.count), limit: file.count) { _ throws(Fault) in [] }
  }
}
