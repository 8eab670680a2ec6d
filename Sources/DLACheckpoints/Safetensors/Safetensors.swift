import DLAText

/// The safetensors format; see `SafetensorsHeader`.
enum Safetensors {
  /// Reads a file's header.
  ///
  /// - Parameter file: the whole file.
  /// - Returns: its tensors, in the order of their data.
  /// - Throws: `Fault` if it breaks the rules of the format.
  static func contents(of file: UnsafeRawBufferPointer) throws(Fault) -> CheckpointContents {
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
