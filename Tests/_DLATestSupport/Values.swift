import DLACheckpoints
import DLASystem
import DLATensor

/// The L2 norm of the difference, divided by that of the reference; infinite if their counts differ
/// or there is nothing to compare.
public func relativeError(
  _ values: some Collection<Float>, _ reference: some Collection<Double>
) -> Double {
  let (values, reference) = (Array(values), Array(reference))
  guard values.count == reference.count, !values.isEmpty else { return .infinity }
  var difference = 0.0
  var norm = 0.0
  for (value, expected) in zip(values, reference) {
    difference += (Double(value) - expected) * (Double(value) - expected)
    norm += expected * expected
  }
  return (difference / max(norm, .leastNormalMagnitude)).squareRoot()
}

/// The largest difference; infinite if the counts differ, there is nothing to compare, or one is NaN.
package func largestError(_ values: [Float], _ reference: [Double]) -> Double {
  guard values.count == reference.count, !values.isEmpty else { return .infinity }
  return zip(values, reference).reduce(0) { largest, pair in
    let difference = abs(Double(pair.0) - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// The dot product with a direction, and the L2 norm.
package func projection(_ values: [Float], on direction: [Double]) -> (dot: Double, norm: Double) {
  let dot = zip(values, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
  return (dot, values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
}

/// One step of gradient descent with weight decay.
package func update(
  _ values: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeMutableBufferPointer<Float>,
  learningRate: Float, weightDecay: Float
) {
  for index in values.indices {
    values[index] -= learningRate * (gradients[index] + weightDecay * values[index])
  }
}

/// Uniform numbers from `-scale` to `scale` of a key's stream.
package func uniform(_ key: String, count: Int, scale: Double = 1) -> [Float] {
  var random = KeyedRandom(key: key)
  return (0..<count).map { _ in Float(scale * random.nextUniform()) }
}

extension CheckpointFile {
  /// Opens a recorded reference, whose path is one in `Tests/Fixtures`.
  package convenience init(fixture: String) throws {
    try self.init(path: Fixtures.folder.appending(path: fixture).path)
  }

  /// A tensor of float64.
  package func doubles(_ name: String) throws -> [Double] {
    try withBytes(named: name) { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
    }
  }
}

extension Tensor {
  /// The mean of each channel of each image, computed in float64.
  package var spatialMeans: [Float] {
    let area = shape[2] * shape[3]
    return (0..<shape[0] * shape[1]).map { channel in
      let pixels = elements[channel * area..<(channel + 1) * area]
      return Float(pixels.reduce(0.0) { $0 + Double($1) } / Double(area))
    }
  }
}
