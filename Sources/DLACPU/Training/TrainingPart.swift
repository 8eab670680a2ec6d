/// What a step of training consists of.
package enum TrainingPart: String, CaseIterable, Sendable {
  case packing = "packing of weights"
  case convolutions = "convolutions"
  case norms = "batch norms"
  case weightGradients = "gradients of weights"
  case inputGradients = "gradients of inputs"
  case batchNormGradients = "gradients of batch norms"
  /// Pooling, sums, the loss, and copying the images.
  case other
}
