import DLACheckpoints
import DLAGraph
import DLAModels
import DLATensor

/// Writes the synthetic weights of a network as timm names them.
func writeSyntheticWeights(_ model: String, classes: Int = 1000, to path: String) throws {
  let variant = try Variant.named(model)
  let weights = SyntheticWeights(variant)
  let tensors = variant.graph(classes: classes).tensors.map {
    (name: $0.name, tensor: Tensor(shape: $0.shape, elements: weights.read($0)))
  }
  try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
}
