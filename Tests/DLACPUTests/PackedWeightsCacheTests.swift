import DLACPU
import DLAGraph
import DLAModels
import DLASystem
import DLATensor
import Foundation
import Synchronization
import Testing
import _DLATestSupport

struct PackedWeightsCacheTests {
  private let temporary: TemporaryFolder
  private let cache: CacheFolder
  private let variant: Variant

  init() throws {
    temporary = try TemporaryFolder()
    cache = CacheFolder(path: temporary.path("cache"))
    variant = try Variant.named("dla46_c")
  }

  private func options(instructionSet: InstructionSet = .best) -> Plan.Options {
    Plan.Options(
      batchSize: 1, size: SpatialSize(height: 32, width: 32), instructionSet: instructionSet)
  }

  /// The class scores of one image, by a plan that may use the cache.
  private func logits(_ source: CountedWeights, _ cache: CacheFolder?) throws -> Tensor {
    let plan = try Plan(variant.graph(), weights: source, options: options(), cache: cache)
    return try plan.run(uniform("input", count: 3 * 32 * 32)).logits
  }

  private var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: cache.packedWeights.path)) ?? [])
      .sorted()
  }

  private func path(_ file: String) -> URL { URL(filePath: "\(cache.packedWeights.path)/\(file)") }

  @Test func aHitReadsNoTensorAndChangesNoBit() throws {
    let first = CountedWeights(variant, hash: 1)
    let expected = try logits(first, cache)
    #expect(first.reads == variant.graph().tensors.count)
    #expect(files.count == 1)
    let second = CountedWeights(variant, hash: 1)
    #expect(try logits(second, cache) == expected)
    #expect(second.reads == 0)
    #expect(try logits(CountedWeights(variant, hash: nil), nil) == expected)
  }

  @Test func everyInstructionSetHasItsOwn() throws {
    for turn in 0..<2 {
      for instructionSet in InstructionSet.available {
        let source = CountedWeights(variant, hash: 1)
        _ = try Plan(
          variant.graph(), weights: source, options: options(instructionSet: instructionSet),
          cache: cache)
        #expect((source.reads == 0) == (turn == 1))
      }
    }
    #expect(files.count == InstructionSet.available.count)
  }

  @Test func anotherContentOrNetworkIsAMiss() throws {
    _ = try logits(CountedWeights(variant, hash: 1), cache)
    let other = CountedWeights(variant, hash: 2, model: "other")
    let expected = try logits(CountedWeights(variant, hash: nil, model: "other"), nil)
    #expect(try logits(other, cache) == expected)
    #expect(other.reads > 0)
    let classes = CountedWeights(variant, hash: 1)
    _ = try Plan(variant.graph(classes: 999), weights: classes, options: options(), cache: cache)
    #expect(classes.reads > 0)
    #expect(files.count == 3)
  }

  enum Damage: CaseIterable {
    case empty, cutInHeader, cutByOne, longer, magic, version, weights, packing, count, restOfHeader
    case otherKey, folder
  }

  @Test(arguments: Damage.allCases)
  func aDamagedFileIsAMissAndIsRepaired(damage: Damage) throws {
    let expected = try logits(CountedWeights(variant, hash: 1), cache)
    let file = path(try #require(files.first))
    let whole = try Data(contentsOf: file)
    var bytes = whole
    switch damage {
    case .empty: bytes = Data()
    case .cutInHeader: bytes = whole.prefix(100)
    case .cutByOne: bytes = whole.dropLast()
    case .longer: bytes.append(0)
    case .magic: bytes[0] ^= 1
    case .version: bytes[8] ^= 1
    case .weights: bytes[16] ^= 1
    case .packing: bytes[24] ^= 1
    case .count: bytes[32] ^= 1
    case .restOfHeader: bytes[4095] ^= 1
    case .otherKey:
      _ = try logits(CountedWeights(variant, hash: 2), cache)
      let other = try #require(files.first { $0 != file.lastPathComponent })
      bytes = try Data(contentsOf: path(other))
    case .folder: break
    }
    try FileManager.default.removeItem(at: file)
    if damage == .folder {
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    } else {
      try bytes.write(to: file)
    }
    let again = CountedWeights(variant, hash: 1)
    #expect(try logits(again, cache) == expected)
    #expect(again.reads > 0)
    // A folder is not replaced.
    guard damage != .folder else { return }
    #expect(try Data(contentsOf: file) == whole)
    let repaired = CountedWeights(variant, hash: 1)
    #expect(try logits(repaired, cache) == expected)
    #expect(repaired.reads == 0)
  }

  @Test func aFolderThatCannotBeWrittenToOnlyCostsPacking() throws {
    try Data().write(to: URL(filePath: temporary.path("file")))
    let cache = CacheFolder(path: temporary.path("file"))
    let expected = try logits(CountedWeights(variant, hash: nil), nil)
    for _ in 0..<2 {
      let source = CountedWeights(variant, hash: 1)
      #expect(try logits(source, cache) == expected)
      #expect(source.reads > 0)
    }
  }

  @Test func aLimitBelowTheWeightsKeepsNothing() throws {
    _ = try logits(
      CountedWeights(variant, hash: 1),
      CacheFolder(path: temporary.path("cache"), packedWeightsLimit: 1 << 20))
    #expect(files.isEmpty)
  }

  @Test func manyWritersLeaveOneWholeFile() async throws {
    let expected = try logits(CountedWeights(variant, hash: nil), nil)
    try await withThrowingTaskGroup(of: Tensor.self) { group in
      for _ in 0..<8 {
        group.addTask { try logits(CountedWeights(variant, hash: 1), cache) }
      }
      for try await logits in group { #expect(logits == expected) }
    }
    #expect(files.count == 1)
    let source = CountedWeights(variant, hash: 1)
    #expect(try logits(source, cache) == expected)
    #expect(source.reads == 0)
  }

  @Test func weightsOfUnknownContentOrFewAreNotKept() throws {
    _ = try logits(CountedWeights(variant, hash: nil), cache)
    _ = try Plan(
      Self.graph(channels: 64), weights: CountedWeights(variant, hash: 1), options: options(),
      cache: cache)
    #expect(files.isEmpty)
  }

  @Test func weightsThatChangeWhileTheyArePackedAreNotKept() throws {
    _ = try logits(CountedWeights(variant, hash: 1, isChanging: true), cache)
    #expect(files.isEmpty)
  }

  @Test func brokenWeightsAreAnErrorAndNotKept() throws {
    #expect(throws: RuntimeError.self) {
      try Plan(variant.graph(), weights: BrokenWeights(), options: options(), cache: cache)
    }
    #expect(files.isEmpty)
  }

  /// A changed order of packing needs a new name; see `ConvolutionStep.packing`.
  ///
  /// Both numbers then change and are recorded here again.
  @Test(arguments: InstructionSet.available, Self.recorded.keys.sorted())
  func theOrderOfPackingHasItsName(instructionSet: InstructionSet, algorithm: String) throws {
    let source = CountedWeights(variant, hash: 1)
    var options = options(instructionSet: instructionSet)
    options.algorithm = algorithm
    options.cacheBytes = 1 << 20
    _ = try Plan(Self.graph(channels: 1024), weights: source, options: options, cache: cache)
    let file = try #require(files.first)
    let content = try Data(contentsOf: path(file)).dropFirst(4096).withUnsafeBytes { xxHash64($0) }
    let found = "\(file.dropFirst(17).dropLast(7)) \(String(content, radix: 16))"
    #expect(found == Self.recorded[algorithm]?[instructionSet])
  }

  /// For each forced algorithm, the name of the order and the hash of the packed weights.
  private static let recorded: [String: [InstructionSet: String]] = [
    "direct": [
      .avx512: "0938e216378cecc4 ff5f06a891068348",
      .avx2: "db1adc48a32c6d55 db13e72878bf2d15",
      .portable: "a05f6db228dd7e74 db13e72878bf2d15",
    ],
    "winograd-rows": [
      .avx512: "d537f5b1bdaaeadc f4260bc813c351d8",
      .avx2: "44a9f3a756cc33c7 a9ef4546f8685bb2",
      .portable: "ced8274cccafd62e 5c17040ab4f33eec",
    ],
    "winograd2": [
      .avx512: "9e9c20f03a1aabbf 93db6c7dda5095c1",
      .avx2: "11615af0251ba8a0 6589a2ea60b1750d",
      .portable: "161abdf2b56bf14b f7a1cd76fb141d46",
    ],
    "winograd4": [
      .avx512: "d537f5b1bdaaeadc f4260bc813c351d8",
      .avx2: "44a9f3a756cc33c7 a9ef4546f8685bb2",
      .portable: "ced8274cccafd62e 5c17040ab4f33eec",
    ],
    "winograd4/2": [
      .avx512: "8e72faa1daf0dd56 9278f0f80371fae0",
      .avx2: "96e797e23422651f 5c17040ab4f33eec",
      .portable: "ced8274cccafd62e 5c17040ab4f33eec",
    ],
  ]

  /// One convolution of every kind that has its own order.
  ///
  /// The names must not change: they are keys of the weights, and so of the recorded hashes.
  private static func graph(channels: Int) -> Graph {
    var graph = Graph(inChannels: 3)
    func conv(
      _ inChannels: Int, _ outChannels: Int, _ kernelSize: Int, stride: Int = 1, groups: Int = 1
    )
      -> Graph.Operation
    {
      .convolution(
        Convolution(
          inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
          stride: stride, groups: groups, hasBias: kernelSize == 1 && inChannels != outChannels))
    }
    var x = graph.input
    for (name, operation) in [
      ("planar", conv(3, 24, 7)),
      ("norm", .batchNorm),
      ("strided", conv(24, 64, 3, stride: 2)),
      ("dense", conv(64, 64, 3)),
      ("grouped", conv(64, 64, 3, groups: 16)),
      ("planes", conv(64, 64, 3, stride: 2, groups: 2)),
      ("filled", conv(64, 48, 3, stride: 2, groups: 2)),
      ("wide", conv(48, channels, 1)),
      ("flat", conv(channels, channels, 1)),
    ] { x = graph.append(operation, name: name, inputs: x) }
    graph.logits = graph.append(.globalAveragePool, name: "pool", inputs: x)
    return graph
  }
}

/// Synthetic weights with a given hash, which count how often they are read.
private final class CountedWeights: WeightSource {
  private let weights: SyntheticWeights
  private let hash: UInt64?
  private let isChanging: Bool
  private let count = Mutex(0)

  init(_ variant: Variant, hash: UInt64?, model: String? = nil, isChanging: Bool = false) {
    weights = SyntheticWeights(
      model: model ?? variant.name, shortcutNorms: SyntheticWeights(variant).shortcutNorms)
    (self.hash, self.isChanging) = (hash, isChanging)
  }

  var reads: Int { count.withLock { $0 } }

  func read(_ tensor: TensorSpecification) -> [Float] {
    count.withLock { $0 += 1 }
    return weights.read(tensor)
  }

  func contentHash() -> UInt64? { hash.map { $0 + (isChanging ? UInt64(reads) : 0) } }
}

/// Weights whose variances are negative.
private struct BrokenWeights: WeightSource {
  func read(_ tensor: TensorSpecification) -> [Float] { Array(repeating: -1, count: tensor.count) }
  func contentHash() -> UInt64? { 1 }
}
