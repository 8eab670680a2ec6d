extension Graph {
  /// Learned numbers.
  public var parameterCount: Int {
    tensors.lazy.filter { $0.kind == .parameter }.reduce(0) { $0 + $1.count }
  }

  /// Running means and variances.
  public var statisticCount: Int {
    tensors.lazy.filter { $0.kind == .statistic }.reduce(0) { $0 + $1.count }
  }

  /// The size of a node's output.
  ///
  /// - Parameters:
  ///   - node: the node.
  ///   - input: the size of the images, both sides multiples of 32.
  /// - Returns: the size of its output.
  public func size(of node: Node, input: SpatialSize) -> SpatialSize {
    guard node.reduction > 0 else { return SpatialSize(height: 1, width: 1) }
    return SpatialSize(height: input.height / node.reduction, width: input.width / node.reduction)
  }

  /// Multiply-adds of all convolutions for one image, as the published tables count them.
  ///
  /// - Parameter input: the size of the image, both sides multiples of 32.
  /// - Returns: the number of multiply-adds.
  public func multiplyAdds(input: SpatialSize) -> Int {
    nodes.reduce(0) { total, node in
      guard case .convolution(let convolution) = node.operation else { return total }
      let perPixel = convolution.weightShape.reduce(1, *)
      return total + perPixel * size(of: node, input: input).area
    }
  }
}
