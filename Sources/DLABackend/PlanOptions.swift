import DLATensor

/// The batch shape and the outputs that a plan is made for, on any engine.
package struct PlanOptions: Sendable, Hashable {
  package var batchSize: Int
  /// Height and width of the images; multiples of the graph's largest reduction, 32 in the family.
  package var size: SpatialSize
  /// True if the feature maps of levels 0 to 5 can be read after a run; they take more memory.
  package var returnsFeatures: Bool
  /// The name of an algorithm to force where it is supported; nil for the predicted or measured
  /// best.
  package var algorithm: String?

  package init(
    batchSize: Int, size: SpatialSize, returnsFeatures: Bool = false, algorithm: String? = nil
  ) {
    (self.batchSize, self.size, self.returnsFeatures) = (batchSize, size, returnsFeatures)
    self.algorithm = algorithm
  }
}
