import DLAModels
import DLATensor
import Foundation
import Testing
import _DLATestSupport

/// The graphs against timm's tensors and the figures of the published table.
struct VariantTests {
  /// Millions of parameters and of statistics, and 10⁹ multiply-adds at 224×224, counted with PyTorch.
  private static let counts: [String: (Double, Double, Double)] = [
    "dla34": (15.742, 0.015, 3.060), "dla46_c": (1.301, 0.008, 0.574),
    "dla46x_c": (1.068, 0.011, 0.533), "dla60": (22.037, 0.041, 4.236),
    "dla60x": (17.352, 0.056, 3.517), "dla60x_c": (1.320, 0.014, 0.581),
    "dla102": (33.269, 0.067, 7.165), "dla102x": (26.309, 0.092, 5.848),
    "dla102x2": (41.282, 0.142, 9.284), "dla169": (53.390, 0.109, 11.558),
  ]

  @Test(arguments: counts.keys.sorted())
  func countsEqualThePublishedTable(model: String) throws {
    let graph = try Variant.named(model).graph()
    let expected = try #require(Self.counts[model])
    func thousandths(_ value: Double) -> Int { Int((value * 1000).rounded()) }
    #expect(thousandths(Double(graph.parameterCount) * 1e-6) == thousandths(expected.0))
    #expect(thousandths(Double(graph.statisticCount) * 1e-6) == thousandths(expected.1))
    let multiplyAdds = graph.multiplyAdds(input: SpatialSize(height: 224, width: 224))
    #expect(thousandths(Double(multiplyAdds) * 1e-9) == thousandths(expected.2))
  }

  @Test(arguments: Variant.all.map(\.name))
  func tensorsAreThoseOfTimm(model: String) throws {
    let file = Fixtures.folder.appending(path: "tensors/\(model).txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let expected = Set(lines.map(String.init).filter { !$0.contains("num_batches_tracked") })
    let found = try Variant.named(model).graph().tensors.map { tensor in
      let kind = tensor.kind == .parameter ? "parameter" : "buffer"
      return "\(kind) \(tensor.name) \(tensor.shape.map(String.init).joined(separator: "x"))"
    }
    #expect(Set(found) == expected)
    #expect(found.count == expected.count)
  }

  /// timm's Res2Net lists all convolutions of a block before its batch norms.
  @Test(arguments: Variant.all.map(\.name).filter { !$0.contains("res2ne") })
  func parametersHaveTheOrderOfTimm(model: String) throws {
    let file = Fixtures.folder.appending(path: "tensors/\(model).txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let expected = lines.filter { $0.hasPrefix("parameter") }.map { $0.split(separator: " ")[1] }
    let found = try Variant.named(model).graph().tensors.filter { $0.kind == .parameter }
    #expect(found.map(\.name) == expected.map(String.init))
  }

  @Test(arguments: ["DLA34", "dla34", "timm/dla34.in1k", "Dla-34"])
  func namesAreFoundInAnySpelling(name: String) throws {
    #expect(try Variant.named(name).name == "dla34")
  }

  @Test func unknownNamesGetTheNearestOnes() throws {
    let error = #expect(throws: UnknownModelError.self) { try Variant.named("dla61x") }
    #expect(error?.suggestions.first == "dla60x")
    #expect(error?.description.contains("dla60x") == true)
  }

  @Test func classesAndChannelsAreFree() {
    let graph = Variant.all[0].graph(classes: 7, inChannels: 5)
    #expect(graph.tensors.first?.shape == [16, 5, 7, 7])
    #expect(graph.tensors.last?.shape == [7])
  }

  @Test(arguments: Variant.all.map(\.name))
  func levelsHalveFromOneToThirtyTwo(model: String) throws {
    let variant = try Variant.named(model)
    let graph = variant.graph()
    #expect(graph.levels.map { graph[$0].reduction } == [1, 2, 4, 8, 16, 32])
    #expect(graph.levels.map { graph[$0].channels } == variant.channels)
  }
}
