import DLATensor

/// An engine that runs one network on batches: on the CPU, or on a GPU.
///
/// Safe to use from several threads at once; calls that find all streams busy sleep.
package protocol Backend: Sendable {
  /// A human-readable description of the device, for instance `avx512` or `cuda:0 (NVIDIA H100),
  /// fp32`.
  var description: String { get }
  /// The device, for instance `cpu` or `cuda:0 (NVIDIA H100)`.
  var device: String { get }
  /// The instruction set, for instance `avx512` or `sm_90`.
  var instructionSet: String { get }
  /// The threads that compute a batch on each stream.
  var threadsPerStream: Int { get }
  /// The number of batches that run at the same time.
  var streams: Int { get }
  /// The names of all algorithms for convolutions.
  var algorithms: [String] { get }

  /// Runs the network on a batch.
  ///
  /// `images` are normalised images, [N, C, H, W].
  ///
  /// - Returns: class scores, [N, classes], and, if requested, feature maps, each [N, C, H, W].
  /// - Throws: `RuntimeError` or the backend's own error; what reading weights throws.
  func run(
    _ images: UnsafeBufferPointer<Float>, batchSize: Int, size: SpatialSize, returnsFeatures: Bool
  ) throws -> (logits: Tensor, levels: [Tensor])

  /// Makes the plan for a batch shape, if there is none yet, and describes it.
  ///
  /// - Throws: as `run` does.
  func describe(_ options: PlanOptions) throws -> PlanDescription

  /// Measures the steps of the plan for a batch shape on one stream.
  ///
  /// - Throws: as `run` does.
  func profile(_ options: PlanOptions) throws -> PlanProfile

  /// Measures runs on all streams at the same time after a warm-up, five of each stream at least.
  ///
  /// `images` is one batch, [N, C, H, W].
  ///
  /// - Returns: for each stream the seconds of its runs; on a GPU those of the device, without
  ///   copies.
  /// - Throws: as `run` does.
  func measure(
    _ options: PlanOptions, images: UnsafeBufferPointer<Float>, seconds: Double
  ) throws -> [[Double]]
}
