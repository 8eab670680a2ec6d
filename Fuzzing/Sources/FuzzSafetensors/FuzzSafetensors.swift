import DLACheckpoints
import DLAGraph

/// Reads bytes as a safetensors file, and once more as only the header of one.
///
/// Without the second reading, nearly every change by libFuzzer would only make the length at the
/// start of the file wrong.
///
/// - Parameters:
///   - data: the bytes.
///   - count: how many.
/// - Returns: 0, as libFuzzer demands.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  read(UnsafeRawBufferPointer(start: data, count: count))
  readFramed(UnsafeRawBufferPointer(start: data, count: count))
  return 0
}

/// Reads the bytes as a header; the last one says how many bytes of data follow.
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
    requireOneLine(error)
  }
}

private func check(_ file: CheckpointFile, count: Int) throws(CheckpointError) {
  // Other kinds of files are for FuzzCheckpoints.
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
      requireOneLine(error)
    }
  }
  precondition(end == count, "the data does not end with the file")
  _ = try CheckpointWeights(file: file, tensors: tensors)
}

/// A model that the corpus's `f32` file nearly fits.
private let tensors = {
  var graph = Graph(inChannels: 3)
  let convolution = Convolution(inChannels: 3, outChannels: 4, kernelSize: 3, hasBias: true)
  graph.logits = graph.append(.convolution(convolution), name: "fc", inputs: graph.input)
  return graph.tensors
}()

private func requireOneLine(_ error: CheckpointError) {
  precondition(error.message.utf8.count < 10_000, "the message is long")
  precondition(
    error.message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "the message has control characters")
}
