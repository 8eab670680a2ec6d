import DLACPU
import DLAGraph
import DLASystem
import DLATensor
import Testing
import _DLATestSupport

/// Single convolutions, batch norm, shortcut and ReLU included, against a naive float64 one.
struct ConvolutionTests {
  struct Case: CustomTestStringConvertible {
    let convolution: Convolution
    let size: SpatialSize
    let images: Int
    let hasShortcut: Bool
    let instructionSet: InstructionSet
    let threads: Int
    /// The algorithm that is forced; nil for the one the plan chooses.
    var algorithm: String?

    var testDescription: String {
      let c = convolution
      return "\(c.inChannels)→\(c.outChannels) \(c.kernelSize)×\(c.kernelSize)/\(c.stride) "
        + "in \(c.groups), \(size.height)×\(size.width), batch \(images), "
        + "\(hasShortcut ? "shortcut, " : "")\(instructionSet.rawValue), \(threads) threads"
        + (algorithm.map { ", \($0)" } ?? "")
    }
  }

  /// Channels and sides straddle vectors, channel blocks and tiles; every group width of the family
  /// occurs.
  static let cases: [Case] = {
    let convolutions: [(Convolution, SpatialSize)] = [
      (
        Convolution(inChannels: 3, outChannels: 16, kernelSize: 1), SpatialSize(height: 5, width: 7)
      ),
      (
        Convolution(inChannels: 33, outChannels: 47, kernelSize: 1),
        SpatialSize(height: 7, width: 7)
      ),
      (
        Convolution(inChannels: 5, outChannels: 16, kernelSize: 1), SpatialSize(height: 1, width: 4)
      ),
      (
        Convolution(inChannels: 3, outChannels: 40, kernelSize: 1),
        SpatialSize(height: 61, width: 8)
      ),
      (
        Convolution(inChannels: 20, outChannels: 20, kernelSize: 1),
        SpatialSize(height: 33, width: 60)
      ),
      (
        Convolution(inChannels: 64, outChannels: 80, kernelSize: 1),
        SpatialSize(height: 1, width: 1)
      ),
      (
        Convolution(inChannels: 16, outChannels: 32, kernelSize: 1),
        SpatialSize(height: 17, width: 29)
      ),
      (
        Convolution(inChannels: 16, outChannels: 16, kernelSize: 3),
        SpatialSize(height: 9, width: 15)
      ),
      (
        Convolution(inChannels: 28, outChannels: 28, kernelSize: 3),
        SpatialSize(height: 6, width: 7)
      ),
      (
        Convolution(inChannels: 48, outChannels: 40, kernelSize: 3),
        SpatialSize(height: 3, width: 1)
      ),
      (
        Convolution(inChannels: 40, outChannels: 24, kernelSize: 3),
        SpatialSize(height: 1, width: 1)
      ),
      (
        Convolution(inChannels: 32, outChannels: 64, kernelSize: 3),
        SpatialSize(height: 14, width: 28)
      ),
      (
        Convolution(inChannels: 32, outChannels: 16, kernelSize: 3),
        SpatialSize(height: 11, width: 13)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, groups: 4),
        SpatialSize(height: 10, width: 9)
      ),
      (
        Convolution(inChannels: 16, outChannels: 48, kernelSize: 3, stride: 2),
        SpatialSize(height: 14, width: 30)
      ),
      (
        Convolution(inChannels: 32, outChannels: 32, kernelSize: 3, stride: 2),
        SpatialSize(height: 18, width: 20)
      ),
      (
        Convolution(inChannels: 40, outChannels: 24, kernelSize: 3, stride: 2),
        SpatialSize(height: 2, width: 2)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, groups: 32),
        SpatialSize(height: 7, width: 29)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, stride: 2, groups: 16),
        SpatialSize(height: 6, width: 58)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, groups: 8),
        SpatialSize(height: 8, width: 15)
      ),
      (
        Convolution(inChannels: 128, outChannels: 128, kernelSize: 3, stride: 2, groups: 64),
        SpatialSize(height: 8, width: 4)
      ),
      (
        Convolution(inChannels: 96, outChannels: 96, kernelSize: 3, stride: 2, groups: 12),
        SpatialSize(height: 4, width: 62)
      ),
      (
        Convolution(inChannels: 24, outChannels: 24, kernelSize: 3, groups: 6),
        SpatialSize(height: 5, width: 5)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, groups: 4),
        SpatialSize(height: 5, width: 15)
      ),
      (
        Convolution(inChannels: 64, outChannels: 64, kernelSize: 3, stride: 2, groups: 2),
        SpatialSize(height: 6, width: 6)
      ),
      (
        Convolution(inChannels: 12, outChannels: 24, kernelSize: 3, groups: 4),
        SpatialSize(height: 5, width: 6)
      ),
      (
        Convolution(inChannels: 64, outChannels: 128, kernelSize: 3, groups: 8),
        SpatialSize(height: 6, width: 5)
      ),
      (
        Convolution(inChannels: 48, outChannels: 48, kernelSize: 3, stride: 2, groups: 2),
        SpatialSize(height: 6, width: 8)
      ),
      (
        Convolution(inChannels: 30, outChannels: 30, kernelSize: 3, groups: 10),
        SpatialSize(height: 4, width: 5)
      ),
    ]
    return convolutions.flatMap { convolution, size in
      InstructionSet.available.flatMap { instructionSet in
        [(1, false, 1), (3, convolution.groups == 1, 2), (2, convolution.groups == 1, 3)].flatMap {
          images, hasShortcut, threads in
          algorithms(convolution).map {
            Case(
              convolution: convolution, size: size, images: images, hasShortcut: hasShortcut,
              instructionSet: instructionSet, threads: threads, algorithm: $0)
          }
        }
      }
    }
  }()

  /// What can compute the convolution.
  private static func algorithms(_ convolution: Convolution) -> [String] {
    guard convolution.kernelSize == 3 else { return ["direct", "winograd-rows"] }
    return ["direct"] + (convolution.groups > 1 ? ["grouped", "filled"] : [])
      + (convolution.stride == 1 ? ["winograd2", "winograd4"] : ["winograd4/2"])
  }

  @Test(arguments: cases)
  func equalsTheDefinition(test: Case) throws {
    let graph = Self.graph(test)
    let weights = KeyedWeights(key: test.testDescription)
    var random = KeyedRandom(key: "input/\(test.testDescription)")
    let input = (0..<test.images * test.convolution.inChannels * test.size.area).map { _ in
      Float(random.nextUniform())
    }
    let pool = ThreadPool(count: test.threads)
    let plan = try Plan(
      graph, weights: weights,
      options: Plan.Options(
        batchSize: test.images, size: test.size, instructionSet: test.instructionSet,
        threads: test.threads, returnsFeatures: true, algorithm: test.algorithm))
    let run = try ExecutionContext(plan, on: pool)
    input.withUnsafeBufferPointer { run($0) }
    let result = run.levels[0]
    let expected = Self.reference(test, weights, input.map(Double.init))
    #expect(result.elements.count == expected.count)
    #expect(relativeError(result.elements, expected) < 2e-6)
    let largest = zip(result.elements, expected).map { abs(Double($0) - $1) }.max()
    #expect(try #require(largest) < 2e-5)
  }

  /// The images through a 7×7 convolution, which brings them into channel blocks as the stem does,
  /// then the convolution, its batch norm, the shortcut (a 1×1 convolution of the same channel
  /// blocks) and a ReLU.
  private static func graph(_ test: Case) -> Graph {
    let c = test.convolution
    var graph = Graph(inChannels: c.inChannels)
    let channelBlocks = graph.append(.convolution(first(c)), name: "first", inputs: graph.input)
    var shortcut: Graph.Value?
    if test.hasShortcut {
      shortcut = graph.append(.convolution(around(c)), name: "shortcut", inputs: channelBlocks)
    }
    var x = graph.append(.convolution(c), name: "convolution", inputs: channelBlocks)
    x = graph.append(.batchNorm, name: "norm", inputs: x)
    if let shortcut { x = graph.append(.add, name: "add", inputs: x, shortcut) }
    x = graph.append(.relu, name: "relu", inputs: x)
    graph.levels = [x]
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: x)
    return graph
  }

  private static func first(_ c: Convolution) -> Convolution {
    Convolution(inChannels: c.inChannels, outChannels: c.inChannels, kernelSize: 7)
  }

  private static func around(_ c: Convolution) -> Convolution {
    Convolution(
      inChannels: c.inChannels, outChannels: c.outChannels, kernelSize: 1, stride: c.stride)
  }

  private static func reference(
    _ test: Case, _ weights: KeyedWeights, _ input: [Double]
  ) -> [Double] {
    let c = test.convolution
    func convolve(_ input: [Double], _ convolution: Convolution, _ name: String) -> [Double] {
      let weight = weights.values("\(name).weight", count: convolution.weightShape.reduce(1, *))
      return naiveConvolution(
        input, images: test.images, size: test.size, convolution, weights: weight)
    }
    let channelBlocks = convolve(input, first(c), "first")
    var result = convolve(channelBlocks, c, "convolution")
    let shortcut = test.hasShortcut ? convolve(channelBlocks, around(c), "shortcut") : nil
    func norm(_ suffix: String) -> [Double] {
      weights.values("norm.\(suffix)", count: c.outChannels)
    }
    let (weight, bias) = (norm("weight"), norm("bias"))
    let (mean, variance) = (norm("running_mean"), norm("running_var"))
    let area = result.count / test.images / c.outChannels
    for index in result.indices {
      let channel = index / area % c.outChannels
      let deviation = (variance[channel] + Graph.Operation.batchNormEpsilon).squareRoot()
      result[index] = (result[index] - mean[channel]) / deviation * weight[channel] + bias[channel]
      result[index] = max(0, result[index] + (shortcut?[index] ?? 0))
    }
    return result
  }
}

/// Uniform weights that follow from a key and the tensor's name; variances are 1 to 2.
struct KeyedWeights: WeightSource {
  let key: String

  func read(_ tensor: TensorSpecification) -> [Float] {
    values(tensor.name, count: tensor.count).map { Float($0) }
  }

  /// The values as float64; each is exact in float32.
  func values(_ name: String, count: Int) -> [Double] {
    var random = KeyedRandom(key: "\(key)/\(name)")
    return (0..<count).map { _ in
      let u = random.nextUniform()
      return name.hasSuffix("running_var") ? Double(Float(1.5 + 0.5 * u)) : u / 4
    }
  }
}
