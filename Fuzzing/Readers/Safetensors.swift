import DLACheckpoints
import DLAGraph

/// Reads bytes as a safetensors file, and as the header of one.
///
/// Nearly every change of a whole file would only break the length at its start.
func readSafetensors(_ bytes: UnsafeRawBufferPointer) {
  read(bytes)
  readFramed(bytes)
}

/// Reads the bytes as a header; the last byte is the number of bytes of data that follow.
private func readFramed(_ bytes: UnsafeRawBufferPointer) {
  guard let dataCount = bytes.last else { return }
  let header = bytes.dropLast()
  let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
  let file = length + header + [UInt8](repeating: 0xFE, count: Int(dataCount))
  file.withUnsafeBytes(read)
}

private func read(_ bytes: UnsafeRawBufferPointer) {
  do throws(CheckpointError) {
    // The object is gone before the bytes are.
    let file = try CheckpointFile(bytes: bytes, name: "x")
    try check(file, count: bytes.count)
  } catch {
    requireOneLine(error.message)
  }
}

private func check(_ file: CheckpointFile, count: Int) throws(CheckpointError) {
  // The other formats belong to `readCheckpoint`.
  guard file.format == .safetensors else { return }
  var end = file.entries.first?.fileRange?.lowerBound ?? count
  for entry in file.entries {
    precondition(entry.fileRange?.lowerBound == end, "the data has a hole")
    end = entry.fileRange?.upperBound ?? -1
    precondition(entry.count == entry.shape.reduce(1, *), "the shape does not fit the data")
    precondition(file.entry(named: entry.name)?.shape == entry.shape, "the name is not found")
    let sum = try file.withBytes(named: entry.name) { $0.reduce(0) { $0 &+ Int($1) } }
    precondition(sum >= 0, "all bytes were read")
    do throws(CheckpointError) {
      let tensor = try file.tensor(named: entry.name, releasingPages: true)
      precondition(tensor.elements.count == entry.count, "elements are missing")
    } catch {
      requireOneLine(error.message)
    }
  }
  precondition(end == count, "the data does not end with the file")
  _ = try CheckpointWeights(file.parts[0], tensors: tensors)
}

/// A model that the corpus's `f32` file nearly fits.
private let tensors = {
  var graph = Graph(inChannels: 3)
  let convolution = Convolution(inChannels: 3, outChannels: 4, kernelSize: 3, hasBias: true)
  graph.logits = graph.append(.convolution(convolution), name: "fc", inputs: graph.input)
  return graph.tensors
}()
