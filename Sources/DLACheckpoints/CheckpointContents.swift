import DLAText

/// The contents of a weights file.
struct CheckpointContents {
  var format: CheckpointFormat
  var metadata: [String: String] = [:]
  var tensors: [StoredTensor] = []
}

/// The file formats that weights are read from.
public enum CheckpointFormat: String, Sendable, CaseIterable {
  /// safetensors, as on the Hugging Face hub.
  case safetensors
  /// `torch.save` since PyTorch 1.6: a zip archive.
  case pyTorch = "PyTorch (zip)"
  /// `torch.save` before PyTorch 1.6: pickles, then the elements.
  case pyTorchLegacy = "PyTorch (before 1.6)"
  /// `paddle.save`: one pickle with NumPy arrays.
  case paddle = "Paddle"
}

extension CheckpointContents {
  /// Detects the format and reads the description of the tensors.
  ///
  /// - Throws: `Fault` if it is not a valid checkpoint.
  init(file: UnsafeRawBufferPointer) throws(Fault) {
    guard !file.isEmpty else { throw Fault("the file is empty") }
    if SafetensorsHeader.isAt(startOf: file) {
      self = try Self.safetensors(file)
    } else if file.starts(with: [0x50, 0x4B]) {
      self = try PyTorchArchive.contents(of: file)
    } else if file[0] == PickleOpcode.proto.rawValue, file.count > 1, (2...5).contains(file[1]) {
      self = try Self.pickled(file)
    } else if let kind = OtherFile.kind(of: file) {
      throw Fault("this is \(kind)", code: .unsupported)
    } else {
      self = try Self.safetensors(file)
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

  /// The tensors of a safetensors file, in the order of their data.
  private static func safetensors(
    _ file: UnsafeRawBufferPointer
  ) throws(Fault) -> CheckpointContents {
    let header = try SafetensorsHeader(file: file)
    return CheckpointContents(
      format: .safetensors, metadata: header.metadata,
      tensors: header.entries.map { entry in
        StoredTensor(
          name: entry.name, dataType: entry.dataType, shape: entry.shape,
          parts: [.file(entry.byteRange)])
      })
  }
}
