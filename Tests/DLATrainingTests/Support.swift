import DLATensor
import DLATraining
import Foundation
import _DLATestSupport

/// Results of PyTorch and timm: `Tests/Fixtures/make_optimizers.py`.
struct Recorded: Decodable {
  struct Run: Decodable {
    let name: String
    let decay: Double
    let withoutNorms: Bool
    let factors: [String: Double]
    let rate: Double
    let options: [String: Double]
    let parameters: [Double]
  }
  struct Cycle: Decodable {
    let length: Int
    let risingFraction: Double
    let isLinear: Bool
    let startDivisor: Double
    let endDivisor: Double
    let rates: [Double]
    let momenta: [Double]?
  }
  struct Clipping: Decodable {
    let most: Double
    let norm: Double
    let first: [Double]
  }
  struct ClippingOfEach: Decodable {
    let most: Double
    let all: [Double]
  }
  struct Smoothing: Decodable {
    let epsilon: Double
    let labels: [Int]
    let classes: Int
    let loss: Double
  }
  struct Weighted: Decodable {
    let epsilon: Double
    let labels: [Int]
    let weights: [Double]
    let loss: Double
  }
  struct Average: Decodable {
    let decay: Double
    let gamma: Double?
    let power: Double?
    let values: [Double]
  }
  let optimizers: [Run]
  let oneCycle: [Cycle]
  let cosine: [Double]
  let timmCosine: [Double]
  let step: [Double]
  let clipping: [Clipping]
  let clippingOfEach: [ClippingOfEach]
  let smoothing: [Smoothing]
  let weighted: [Weighted]
  let averages: [Average]

  static func read() throws -> Recorded {
    let file = Fixtures.folder.appending(path: "optimizers.json")
    return try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: file))
  }
}

/// The parameters of the recorded network, a running mean and variance among them.
let recordedTensors = [
  TensorSpecification(name: "level0.0.weight", shape: [2, 3, 2, 2]),
  TensorSpecification(name: "level0.1.weight", shape: [5]),
  TensorSpecification(name: "level0.1.bias", shape: [5]),
  TensorSpecification(name: "level0.1.running_mean", shape: [5], kind: .statistic),
  TensorSpecification(name: "level0.1.running_var", shape: [5], kind: .statistic),
  TensorSpecification(name: "fc.weight", shape: [2, 3, 1, 1]),
  TensorSpecification(name: "fc.bias", shape: [2]),
]

/// A flat block, lent to what works on pointers.
struct Block {
  var values: [Float]

  init(_ values: [Float]) { self.values = values }

  /// Every tensor from the stream of its name.
  init(_ tensors: [TensorSpecification], purpose: String) {
    values = tensors.flatMap { drawn("\(purpose)/\($0.name)", $0.count) }
  }

  mutating func lend<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
    try values.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// The parameters' numbers, without those of statistics.
  func parameters(of tensors: [TensorSpecification]) -> [Float] {
    var start = 0
    return tensors.flatMap { tensor in
      defer { start += tensor.count }
      return tensor.kind == .parameter ? Array(values[start..<start + tensor.count]) : []
    }
  }
}

/// One update of a block.
func step(
  _ optimizer: inout any Optimizer, _ block: inout Block, _ gradients: Block, rate: Double
) {
  var gradients = gradients
  block.lend { parameters in
    gradients.lend { optimizer.step(parameters: parameters, gradients: $0, learningRate: rate) }
  }
}

/// Uniform numbers of a key's stream.
func drawn(_ key: String, _ count: Int) -> [Float] {
  var random = KeyedRandom(key: key)
  return (0..<count).map { _ in Float(random.nextUniform()) }
}

/// The largest difference of two lists, divided by the largest number of the second.
func relativeDifference(_ values: [Double], _ expected: [Double]) -> Double {
  guard values.count == expected.count, !values.isEmpty else { return .infinity }
  let scale = expected.reduce(Double.leastNormalMagnitude) { max($0, abs($1)) }
  // A NaN has to count, so it is not left to a comparison.
  return zip(values, expected).reduce(0) { most, pair in
    let difference = abs(pair.0 - pair.1) / scale
    return difference <= most ? most : difference
  }
}
