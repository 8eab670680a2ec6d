import DLATensor

/// The output of one level of the network, for dense prediction such as detection or segmentation.
public struct FeatureMap: Sendable, Equatable {
  /// The level, 0 to 5.
  public let level: Int
  /// The features, [N, C, H, W].
  public let tensor: Tensor

  /// Input pixels for each pixel of the feature map, along one side: 1, 2, 4, 8, 16 or 32.
  public var stride: Int { 1 << level }
  /// Channels of the feature map.
  public var channels: Int { tensor.shape[1] }
}
