import DLAGraph
import DLASystem

extension Packing {
  /// A hash of everything but the weights themselves that the packed bytes follow from.
  ///
  /// The size of the images, the batch and the threads count only where an algorithm chooses another
  /// order because of them, or where a feature map has one pixel, so plans for several shapes share a file.
  func fingerprint(_ instructionSet: InstructionSet) -> UInt64 {
    var text = Description()
    text.append(instructionSet.rawValue)
    for (step, problem) in entries {
      text.append(step.name)
      text.append(step.packing)
      text.append(step.packedOffset)
      text.append(step.packedFloats)
      text.append(problem.kernels.lanes)
      text.append(problem.convolution)
      for node in [problem.fused.weights] + (problem.fused.norm.map { [$0] } ?? []) {
        for tensor in node.tensors {
          text.append(tensor.name)
          text.append(tensor.shape)
        }
      }
      for view in [problem.source, problem.destination] {
        text.append(view.geometry.pixel)
        text.append(
          view.channelBlocks.flatMap { [$0.channels.lowerBound, $0.channels.upperBound] })
      }
    }
    return text.bytes.withUnsafeBytes { xxHash64($0) }
  }
}

/// Numbers and words in bytes that no others have: lengths stand before what has one.
private struct Description {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ number: Int) {
    withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { bytes += $0 }
  }

  mutating func append(_ numbers: [Int]) {
    append(numbers.count)
    for number in numbers { append(number) }
  }

  mutating func append(_ word: String) {
    append(word.utf8.count)
    bytes += word.utf8
  }

  mutating func append(_ convolution: Convolution) {
    append(convolution.weightShape)
    append(convolution.stride)
    append(convolution.groups)
    append(convolution.hasBias ? 1 : 0)
  }
}
