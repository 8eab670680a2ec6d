import DLACore
import DLARuntime
import Testing
import _DLATestSupport

/// Single convolutions, norm, shortcut and ReLU included, against a naive float64 one.
struct ConvolutionTests {
  struct Case: CustomTestStringConvertible {
    let convolution: Convolution
    let size: Size
    let images: Int
    let hasShortcut: Bool
    let instructionSet: InstructionSet
    let threads: Int
    /// The algorithm that is forced; nil for the one the plan chooses.
    var algorithm: String?

    var testDescription: String {
      let c = convolution
      return "\(c.inputChannels)→\(c.outputChannels) \(c.side)×\(c.side)/\(c.stride) "
        + "in \(c.groups), \(size.height)×\(size.width), batch \(images), "
        + "\(hasShortcut ? "shortcut, " : "")\(instructionSet.rawValue), \(threads) threads"
        + (algorithm.map { ", \($0)" } ?? "")
    }
  }

  /// Channels and sides straddle vectors, planes and tiles; every group width of the family occurs.
  static let cases: [Case] = {
    let convolutions: [(Convolution, Size)] = [
      (Convolution(from: 3, to: 16, side: 1), Size(height: 5, width: 7)),
      (Convolution(from: 33, to: 47, side: 1), Size(height: 7, width: 7)),
      (Convolution(from: 5, to: 16, side: 1), Size(height: 1, width: 4)),
      (Convolution(from: 3, to: 40, side: 1), Size(height: 61, width: 8)),
      (Convolution(from: 20, to: 20, side: 1), Size(height: 33, width: 60)),
      (Convolution(from: 64, to: 80, side: 1), Size(height: 1, width: 1)),
      (Convolution(from: 16, to: 32, side: 1), Size(height: 17, width: 29)),
      (Convolution(from: 16, to: 16, side: 3), Size(height: 9, width: 15)),
      (Convolution(from: 28, to: 28, side: 3), Size(height: 6, width: 7)),
      (Convolution(from: 48, to: 40, side: 3), Size(height: 3, width: 1)),
      (Convolution(from: 40, to: 24, side: 3), Size(height: 1, width: 1)),
      (Convolution(from: 32, to: 64, side: 3), Size(height: 14, width: 28)),
      (Convolution(from: 32, to: 16, side: 3), Size(height: 11, width: 13)),
      (Convolution(from: 64, to: 64, side: 3, groups: 4), Size(height: 10, width: 9)),
      (Convolution(from: 16, to: 48, side: 3, stride: 2), Size(height: 14, width: 30)),
      (Convolution(from: 32, to: 32, side: 3, stride: 2), Size(height: 18, width: 20)),
      (Convolution(from: 40, to: 24, side: 3, stride: 2), Size(height: 2, width: 2)),
      (Convolution(from: 64, to: 64, side: 3, groups: 32), Size(height: 7, width: 29)),
      (Convolution(from: 64, to: 64, side: 3, stride: 2, groups: 16), Size(height: 6, width: 58)),
      (Convolution(from: 64, to: 64, side: 3, groups: 8), Size(height: 8, width: 15)),
      (Convolution(from: 128, to: 128, side: 3, stride: 2, groups: 64), Size(height: 8, width: 4)),
      (Convolution(from: 96, to: 96, side: 3, stride: 2, groups: 12), Size(height: 4, width: 62)),
      (Convolution(from: 24, to: 24, side: 3, groups: 6), Size(height: 5, width: 5)),
      (Convolution(from: 64, to: 64, side: 3, groups: 4), Size(height: 5, width: 15)),
      (Convolution(from: 64, to: 64, side: 3, stride: 2, groups: 2), Size(height: 6, width: 6)),
      (Convolution(from: 12, to: 24, side: 3, groups: 4), Size(height: 5, width: 6)),
      (Convolution(from: 64, to: 128, side: 3, groups: 8), Size(height: 6, width: 5)),
      (Convolution(from: 48, to: 48, side: 3, stride: 2, groups: 2), Size(height: 6, width: 8)),
      (Convolution(from: 30, to: 30, side: 3, groups: 10), Size(height: 4, width: 5)),
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
    guard convolution.side == 3 else { return ["direct", "winograd-rows"] }
    return ["direct"] + (convolution.groups > 1 ? ["grouped", "filled"] : [])
      + (convolution.stride == 1 ? ["winograd2", "winograd4"] : ["winograd4/2"])
  }

  @Test(arguments: cases)
  func equalsTheDefinition(test: Case) throws {
    let graph = Self.graph(test)
    let weights = KeyedWeights(key: test.testDescription)
    var random = KeyedRandom(key: "input/\(test.testDescription)")
    let input = (0..<test.images * test.convolution.inputChannels * test.size.area).map { _ in
      Float(random.nextUniform())
    }
    let pool = ThreadPool(count: test.threads)
    let plan = try Plan(
      graph, weights: weights,
      options: Plan.Options(
        batchSize: test.images, size: test.size, instructionSet: test.instructionSet,
        threads: test.threads, keepsLevels: true, algorithm: test.algorithm))
    let run = try Run(plan, on: pool)
    input.withUnsafeBufferPointer { run($0) }
    let result = run.levels[0]
    let expected = Self.reference(test, weights, input.map(Double.init))
    #expect(result.elements.count == expected.count)
    #expect(relativeError(result.elements, expected) < 2e-6)
    let largest = zip(result.elements, expected).map { abs(Double($0) - $1) }.max()
    #expect(try #require(largest) < 2e-5)
  }

  /// The images through a 7×7 convolution, which brings them into planes as the stem does, then the
  /// convolution, its norm, the shortcut (a 1×1 convolution of the same planes) and a ReLU.
  private static func graph(_ test: Case) -> Graph {
    let c = test.convolution
    var graph = Graph(inputChannels: c.inputChannels)
    let planes = graph.append(.convolution(first(c)), name: "first", inputs: graph.input)
    var shortcut: Graph.Value?
    if test.hasShortcut {
      shortcut = graph.append(.convolution(around(c)), name: "shortcut", inputs: planes)
    }
    var x = graph.append(.convolution(c), name: "convolution", inputs: planes)
    x = graph.append(.batchNorm, name: "norm", inputs: x)
    if let shortcut { x = graph.append(.add, name: "add", inputs: x, shortcut) }
    x = graph.append(.relu, name: "relu", inputs: x)
    graph.levels = [x]
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: x)
    return graph
  }

  private static func first(_ c: Convolution) -> Convolution {
    Convolution(from: c.inputChannels, to: c.inputChannels, side: 7)
  }

  private static func around(_ c: Convolution) -> Convolution {
    Convolution(from: c.inputChannels, to: c.outputChannels, side: 1, stride: c.stride)
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
    let planes = convolve(input, first(c), "first")
    var result = convolve(planes, c, "convolution")
    let shortcut = test.hasShortcut ? convolve(planes, around(c), "shortcut") : nil
    func norm(_ suffix: String) -> [Double] {
      weights.values("norm.\(suffix)", count: c.outputChannels)
    }
    let (weight, bias) = (norm("weight"), norm("bias"))
    let (mean, variance) = (norm("running_mean"), norm("running_var"))
    let area = result.count / test.images / c.outputChannels
    for index in result.indices {
      let channel = index / area % c.outputChannels
      let deviation = (variance[channel] + Operation.batchNormEpsilon).squareRoot()
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
