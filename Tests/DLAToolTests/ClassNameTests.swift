import DLACheckpoints
import DLAModels
import DeepLayerAggregation
import Testing
import _DLATestSupport

/// The words `dla classify` prints, by the real binary.
struct ClassNameTests {
  @Test func aThousandClassesAreNamedWithoutALabelFile() throws {
    let folder = try TemporaryFolder()
    let variant = try Variant.named("dla46x_c")
    let weights = SyntheticWeights(variant)
    let tensors = variant.graph().tensors.map {
      (name: $0.name, tensor: Tensor(shape: $0.shape, elements: weights.read($0)))
    }
    let path = folder.path("weights.safetensors")
    try SafetensorsWriter.write(tensors, to: path)
    let run = try ToolRun("classify", "--weights", path, "--json", "\(photographs)/cat.jpg")
    #expect(run.status == 0, "\(run.errors)")
    let predictions = try run.jsonLines().first?["predictions"] as? [[String: Any]] ?? []
    try #require(predictions.count == 5)
    for prediction in predictions {
      let index = try #require(prediction["index"] as? Int)
      #expect(prediction["label"] as? String == ImageNetClasses.names[index])
    }
  }
}
