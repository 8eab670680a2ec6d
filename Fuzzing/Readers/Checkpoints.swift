import DLACheckpoints

/// Reads bytes as a checkpoint of any format, and a pickle also inside a PyTorch archive.
///
/// Nearly every change of an archive itself would only break its directory.
func readCheckpoint(_ bytes: UnsafeRawBufferPointer) {
  read(bytes)
  if bytes.first == 0x80 { archive(around: bytes).withUnsafeBytes(read) }
}

private func read(_ bytes: UnsafeRawBufferPointer) {
  do throws(CheckpointError) {
    // The object is gone before the bytes are.
    let file = try CheckpointFile(bytes: bytes, name: "x")
    for entry in file.entries {
      do throws(CheckpointError) {
        let count = try file.withBytes(named: entry.name) { bytes in
          // Every byte is touched.
          bytes.reduce(0) { $0 &+ Int($1) } < 0 ? -1 : bytes.count
        }
        let size = file.entry(named: entry.name).map { $0.count * $0.dataType.byteCount }
        precondition(count == size, "the bytes are not those of the shape")
        let tensor = try file.tensor(named: entry.name, releasingPages: true)
        precondition(tensor.elements.count == entry.count, "elements are missing")
      } catch {
        requireOneLine(error.message)
      }
    }
  } catch {
    requireOneLine(error.message)
  }
}

/// A zip archive as torch.save writes it: the pickle, and the elements of three storages.
private func archive(around pickle: UnsafeRawBufferPointer) -> [UInt8] {
  let elements = [UInt8](repeating: 0x3E, count: 64)
  var file: [UInt8] = []
  var directory: [UInt8] = []
  let members = [("a/data.pkl", Array(pickle))] + (0..<3).map { ("a/data/\($0)", elements) }
  for (name, content) in members {
    let start = file.count
    // Version, flags, method, time, date, checksum, sizes, lengths of the name and extras.
    let common =
      bytes(20, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0, 8) + bytes(content.count, 4)
      + bytes(content.count, 4) + bytes(name.utf8.count, 2) + bytes(0, 2)
    file += [0x50, 0x4B, 3, 4] + common + name.utf8 + content
    // Comment, disk, attributes, position.
    directory +=
      [0x50, 0x4B, 1, 2] + bytes(20, 2) + common + bytes(0, 10) + bytes(start, 4) + name.utf8
  }
  let end =
    bytes(0, 4) + bytes(members.count, 2) + bytes(members.count, 2) + bytes(directory.count, 4)
    + bytes(file.count, 4) + bytes(0, 2)
  return file + directory + [0x50, 0x4B, 5, 6] + end
}

/// A little-endian number.
private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
