import DLAText

/// The format of `torch.save` since PyTorch 1.6: a zip archive with `<root>/data.pkl` and the storages
/// of its tensors as `<root>/data/<key>`.
///
/// Source: `torch/serialization.py` and `caffe2/serialize/inline_container.h` of PyTorch 2.15.
enum PyTorchArchive {
  /// Reads an archive.
  ///
  /// - Returns: the tensors of the state dict in it.
  /// - Throws: `Fault` if there is none.
  static func contents(of file: UnsafeRawBufferPointer) throws(Fault) -> CheckpointContents {
    let members = try ZipArchive(file).members
    let root = try root(of: members)
    var files: [ExactText: StoredTensor.Part] = [:]
    for member in members { files[ExactText(member.name)] = member.content }
    guard let program = files[ExactText("\(root)data.pkl")], let pickle = program.bytes(in: file)
    else { throw Fault("the zip archive holds no data.pkl") }
    if let order = files[ExactText("\(root)byteorder")]?.bytes(in: file) {
      guard order.elementsEqual("little".utf8) else {
        throw Fault(
          "it was saved by a big-endian machine; load and save it on this one",
          code: .unsupported)
      }
    }
    var machine = PickleMachine(pickle)
    let saved = try machine.run()
    let found = try StateDictionary(of: saved, in: machine)
    return try found.contents(
      .pyTorch, pickle: program, limit: file.count + ZipArchive.unpackedExtra
    ) { storage throws(Fault) in
      guard let part = files[ExactText("\(root)data/\(storage.key)")] else {
        throw Fault("the zip archive holds no data/\(printable(storage.key)), which a tensor needs")
      }
      return [part]
    }
  }

  /// The folder that holds `data.pkl`, with its slash; empty if there is none around it.
  private static func root(of members: [ZipArchive.Member]) throws(Fault) -> String {
    let programs = members.map(\.name).filter { name in
      let parts = name.utf8.split(separator: UInt8(ascii: "/"))
      return parts.count <= 2 && parts.last?.elementsEqual("data.pkl".utf8) == true
    }
    guard programs.count == 1 else {
      let names = members.map(\.name)
      throw Fault(
        "this is a zip archive with \(programs.isEmpty ? "no" : "\(programs.count)") data.pkl among "
          + "its \(counted(names.count, "file")) (\(summary(of: names))), not what torch.save "
          + "writes; unpack it or save it with torch.save", code: .unsupported)
    }
    let root = String(decoding: programs[0].utf8.dropLast("data.pkl".utf8.count), as: UTF8.self)
    let constants = ExactText("\(root)constants.pkl")
    guard !members.contains(where: { ExactText($0.name) == constants }) else {
      throw Fault(
        "this is a TorchScript program, not only weights; save its state_dict() with torch.save",
        code: .unsupported)
    }
    return root
  }
}
