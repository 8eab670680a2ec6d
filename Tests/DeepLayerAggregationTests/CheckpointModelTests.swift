import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor
import DeepLayerAggregation
import Foundation
import Testing
import _DLATestSupport

/// Networks under any prefix, beside anything else.
struct CheckpointModelTests {
  private typealias Named = (name: String, tensor: Tensor)

  private let temporary = Result { try TemporaryFolder() }
  private let source = SyntheticWeights(Self.variant)

  private static let variant = Variant.all.first { $0.name == "dla46_c" } ?? Variant.all[0]

  /// The tensors of a network of seven classes, whose values follow from `seed`.
  private func network(_ prefix: String, seed: Float = 0) -> [Named] {
    Self.variant.graph(classes: 7).tensors.map { tensor in
      let elements = source.read(tensor).map { $0 + seed }
      return ("\(prefix)\(tensor.name)", Tensor(shape: tensor.shape, elements: elements))
    }
  }

  private func levels(_ prefix: String) -> [Named] {
    network(prefix).filter { !$0.name.contains("fc.") }
  }

  private func other(_ name: String, _ shape: [Int] = [3]) -> [Named] {
    [(name, Tensor(zeros: shape))]
  }

  private func file(_ tensors: [Named]...) throws -> CheckpointFile {
    let path = try temporary.get().path("m.safetensors")
    try SafetensorsWriter.write(tensors.flatMap(\.self), to: path)
    return try CheckpointFile(path: path)
  }

  private func error(
    _ file: CheckpointFile, part: String? = nil, model: String? = nil
  ) throws -> CheckpointError {
    try #require(throws: CheckpointError.self) {
      try CheckpointModel(of: file, model: model, part: part)
    }
  }

  /// Checks that the weights are those of `seed`.
  private func expect(_ model: CheckpointModel, seed: Float = 0) throws {
    #expect(model.variant.name == "dla46_c" && model.classes == 7)
    let weights = try model.weights()
    for tensor in model.graph.tensors {
      #expect(try weights.read(tensor) == source.read(tensor).map { $0 + seed }, "\(tensor.name)")
    }
  }

  @Test(arguments: ["", "module.", "model.module.", "a.b.c.d.e.f.", "_orig_mod."])
  func aNetworkIsFoundUnderAnyPrefixBesideOthers(prefix: String) throws {
    let alone = try CheckpointModel(of: file(network(prefix)))
    try expect(alone)
    #expect(alone.note == nil && alone.alternatives.isEmpty)
    let beside = try CheckpointModel(
      of: file(other("criterion.weight"), network(prefix), other("n_averaged", [])))
    try expect(beside)
    #expect(beside.part.name == String(prefix.dropLast()))
    #expect(beside.note?.contains("2 tensors besides those") == true)
    #expect(beside.note?.contains("(criterion.weight, n_averaged)") == true)
  }

  @Test(arguments: ["classifier", "fc", "model.head.linear"], [true, false])
  func aLinearHeadIsTheClassifier(name: String, isFlat: Bool) throws {
    let head = network("").suffix(2)
    let weight = try #require(head.first).tensor
    let shape = isFlat ? Array(weight.shape.prefix(2)) : weight.shape
    let model = try CheckpointModel(
      of: file(
        levels("backbone."),
        [
          ("\(name).weight", Tensor(shape: shape, elements: weight.elements)),
          ("\(name).bias", try #require(head.last).tensor),
        ]))
    try expect(model)
    #expect(model.note?.hasSuffix("the classifier is \(name)") == true)
  }

  @Test func ofSeveralHeadsTheUsualNameCounts() throws {
    func head(_ name: String) -> [Named] {
      other("\(name).weight", [5, 256]) + other("\(name).bias", [5])
    }
    let named = try CheckpointModel(of: file(levels("b."), head("aux"), head("x.classifier")))
    #expect(named.classes == 5 && named.part.foreignHead == "x.classifier")
    let error = try error(file(levels("b."), head("one"), head("two")))
    #expect(error.code == .missingClassifier)
  }

  @Test func ofSeveralNetworksAnAverageIsFirstAndATeacherLast() throws {
    let teacher = try file(network("teacher.", seed: 1), network("student."))
    let student = try CheckpointModel(of: teacher)
    try expect(student)
    #expect(student.alternatives.map(\.name) == ["teacher"])
    #expect(student.note?.hasSuffix("it holds 2 networks, student (used), teacher") == true)
    for name in ["teacher", "teacher."] {
      try expect(CheckpointModel(of: teacher, part: name), seed: 1)
    }
    // The student is a network too, and nothing that is left out.
    let chosen = try CheckpointModel(of: teacher, part: "teacher")
    #expect(chosen.alternatives.map(\.name) == ["student"])
    #expect(chosen.note?.contains("left out") == false)
    let average = try file(network(""), network("model_ema.", seed: 1), network("z.", seed: 2))
    try expect(CheckpointModel(of: average), seed: 1)
    try expect(CheckpointModel(of: average, part: ""))
    let missing = try error(average, part: "nothing")
    #expect(missing.code == .unknownPart)
    #expect(
      missing.message.hasSuffix(
        "no network lies under \"nothing\"; found are model_ema, the names without prefix, z"))
  }

  /// A conversion names its part with the dictionary around it, which may be repeated.
  @Test func aDictionaryMayStandBeforeAPart() throws {
    let path = try temporary.get().path("m.safetensors")
    try SafetensorsWriter.write(
      network("teacher.", seed: 1) + network(""), metadata: ["dictionary": "state_dict"], to: path)
    let file = try CheckpointFile(path: path)
    for name in ["teacher", "state_dict.teacher"] {
      try expect(CheckpointModel(of: file, part: name), seed: 1)
    }
    for name in ["", "state_dict"] { try expect(CheckpointModel(of: file, part: name)) }
    #expect(try error(file, part: "other.teacher").code == .unknownPart)
  }

  /// Packed weights are cached by this hash.
  @Test func partsOfAFileHaveHashesOfTheirOwn() throws {
    let file = try file(network("teacher."), network("student."))
    let hashes = try ["teacher", "student"].map {
      try CheckpointModel(of: file, part: $0).weights().contentHash()
    }
    #expect(hashes[0] != nil && hashes[0] != hashes[1])
  }

  @Test func aDetectorsBaseIsNamed() throws {
    let file = try file(levels("base."), other("hm.0.weight", [8, 4, 3, 3]))
    let error = try error(file)
    #expect(error.code == .missingClassifier)
    #expect(
      error.message.hasSuffix(
        "it holds a dla46_c under base without a classifier, and 1 tensor of another task "
          + "(hm.0.weight)"), "\(error.message)")
    let model = try CheckpointModel(of: file, ignoringHead: true)
    #expect(model.variant.name == "dla46_c" && model.part.name == "base")
    _ = try Conversion(file, classes: 5, newHead: true)
  }

  @Test func howNearAFileCameIsSaid() throws {
    let most = network("x.").filter { !$0.name.hasSuffix("level5.root.bn.weight") }
    let near = try error(file(most))
    #expect(near.code == .unknownModel)
    #expect(near.message.contains("nearest is dla46_c under x, of whose "))
    #expect(near.message.hasSuffix("missing or of another shape: level5.root.bn.weight"))
    let far = try error(file(other("a"), other("b")))
    #expect(
      far.message.hasSuffix("its 2 tensors are those of no DLA model, nor close to those of one"))
    let otherModel = try error(file(network("")), model: "dla34")
    #expect(otherModel.code == .otherModel)
  }

  @Test func statesOfOptimizersAndShardsAreNamed() throws {
    let states = try error(file(other("conv_0.w_0_moment1_0"), other("conv_0.w_0_moment2_0")))
    #expect(states.message.contains("the states of an optimizer, as in a .pdopt file"))
    let path = try temporary.get().path("model-00001-of-00002.safetensors")
    try SafetensorsWriter.write(other("level0.0.weight"), to: path)
    let shard = try error(CheckpointFile(path: path))
    #expect(
      shard.message.hasSuffix(
        "shard 1 of 2 of a model; open the index beside it, model.safetensors.index.json"))
  }

  /// A network with more layers than ours would compute something else.
  @Test func aTensorThatANetworkWouldReadIsNotLeftOut() throws {
    let model = try CheckpointModel(of: file(network("m."), other("m.level2.tree1.se.weight")))
    let error = #expect(throws: CheckpointError.self) { try model.weights() }
    #expect(error?.code == .wrongModel)
    #expect(error?.message.contains("1 unexpected tensor (level2.tree1.se.weight)") == true)
  }
}
