import DLAText

/// Files of other formats, detected by their first bytes.
enum OtherFile {
  /// The kind of a file, not empty, and the remedy, for instance `a gzip file; unpack it first`.
  ///
  /// - Returns: nil if nothing is known about it.
  static func kind(of file: UnsafeRawBufferPointer) -> String? {
    for (signature, kind) in signatures where file.starts(with: signature) { return kind }
    if file.count > 262, file[257..<262].elementsEqual("ustar".utf8) {
      return
        "a tar archive, as PyTorch before 0.2 wrote; unpack it, or save it anew with torch.save"
    }
    if let kind = inferenceModel(file) { return kind }
    if isONNX(file) {
      return
        "an ONNX model, which can be written but not read; use the checkpoint that it was made from"
    }
    return text(file)
  }

  private static let signatures: [([UInt8], String)] = [
    ([0x1F, 0x8B], "a gzip file; unpack it first"),
    (Array("BZh".utf8), "a bzip2 file; unpack it first"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "an xz file; unpack it first"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file; unpack it first"),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive; unpack it first"),
    (Array("Rar!".utf8), "a RAR archive; unpack it first"),
    ([0x93] + Array("NUMPY".utf8), "one NumPy array; all tensors of a model are expected"),
    (
      [0x89] + Array("HDF".utf8),
      "an HDF5 file, as Keras writes; PyTorch, Paddle or safetensors files are expected"
    ),
    ([0x89] + Array("PNG".utf8), "a PNG image; weights are expected"),
    ([0xFF, 0xD8, 0xFF], "a JPEG image; weights are expected"),
    (Array("RIFF".utf8), "a WebP image or a RIFF file; weights are expected"),
    (Array("%PDF".utf8), "a PDF document; weights are expected"),
    ([0x7F] + Array("ELF".utf8), "a program; weights are expected"),
    (Array("GGUF".utf8), "a GGUF file; PyTorch, Paddle or safetensors files are expected"),
  ]

  /// Models of Paddle's and TensorFlow's inference, by the start of their messages and tables.
  private static func inferenceModel(_ file: UnsafeRawBufferPointer) -> String? {
    let (zeros, head) = (file.prefix(16), file.prefix(24))
    // The block of a ProgramDesc, whose parent is -1.
    let block: [UInt8] = [0x08, 0x00, 0x10] + Array(repeating: 0xFF, count: 9) + [0x01]
    // A tensor's versions and number of levels, the length of its description and its data type.
    let isTensor =
      head.count == 24 && zeros.allSatisfy { $0 == 0 } && file[16] > 0 && file[17] == 0
      && file[18] == 0 && file[19] == 0 && file[20] == 0x08
    if isTensor || file.first == 0x0A && head.firstRange(of: block) != nil {
      return "an inference model of Paddle, whose tensors have other names; use the .pdparams file "
        + "that it was exported from"
    }
    let isTable = file.suffix(8).elementsEqual([0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB])
    if isTable || file.starts(with: [0x08, 0x01, 0x12])
      || file.dropFirst(4).starts(with: Array("TFL3".utf8))
    {
      return "a file of TensorFlow; PyTorch, Paddle or safetensors files are expected"
    }
    return nil
  }

  /// Field 1 of `ModelProto`, its version, then another field of that message.
  private static func isONNX(_ file: UnsafeRawBufferPointer) -> Bool {
    file.count > 16 && file[0] == 0x08 && (1...32).contains(file[1])
      && [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72].contains(file[2])
  }

  /// Web pages and other text, at least at its start ASCII; a safetensors file begins with the length
  /// of its header, which ends in zeros.
  private static func text(_ file: UnsafeRawBufferPointer) -> String? {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = file.dropFirst(file.starts(with: byteOrderMark) ? byteOrderMark.count : 0).prefix(
      16)
    guard start.allSatisfy({ (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }) else {
      return nil
    }
    let name = WrongContent.name(file) ?? "text"
    if name.utf8.starts(with: "an HTML".utf8) {
      return "\(name), which a server sent instead of the weights"
    }
    if name.utf8.starts(with: "a Git LFS".utf8) { return "\(name); fetch that with git lfs pull" }
    return "\(name); weights are expected, for instance model.safetensors"
  }
}
