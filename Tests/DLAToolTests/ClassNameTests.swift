import DeepLayerAggregation
import Testing
import _DLATestSupport

/// The words `dla classify` prints, by the real binary.
struct ClassNameTests {
  @Test func aThousandClassesAreNamedWithoutALabelFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("weights.safetensors")
    try writeSyntheticWeights("dla46x_c", to: path)
    let run = try ToolRun("classify", "--weights", path, "--json", "\(images)/cat.jpg")
    #expect(run.status == 0, "\(run.errors)")
    let predictions = try run.jsonLines().first?["predictions"] as? [[String: Any]] ?? []
    try #require(predictions.count == 5)
    for prediction in predictions {
      let index = try #require(prediction["index"] as? Int)
      #expect(prediction["label"] as? String == ImageNetClasses.names[index])
    }
  }
}
