import DLATensor

/// What runs a network on batches: the processor, or a GPU.
///
/// Safe to use from several threads at once; calls that find everything busy sleep.
package protocol Backend: Sendable {
  /// What computes, for people; for instance `avx512` or `cuda:0 (NVIDIA H100)`.
  var description: String { get }

  /// Runs the network on a batch.
  ///
  /// - Parameters:
  ///   - images: normalised images, [N, C, H, W].
  ///   - batchSize: N.
  ///   - size: H and W.
  ///   - returnsFeatures: whether the feature maps of the levels are wanted.
  /// - Returns: class scores, [N, classes], and, if asked for, feature maps, each [N, C, H, W].
  /// - Throws: `RuntimeError` or the backend's own error; what reading weights throws.
  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor])
}
