import DLATensor

extension Graph {
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

  /// Multiply-adds of all convolutions for one image, counted as in the published tables.
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

  /// Checks that the network accepts images of a size.
  ///
  /// - Throws: `RuntimeError` with `.unsuitableInput`.
  package func requireSuitable(_ size: SpatialSize) throws(RuntimeError) {
    let multiple = nodes.map(\.reduction).max() ?? 1
    guard size.height > 0, size.width > 0, size.height % multiple == 0, size.width % multiple == 0
    else {
      throw RuntimeError(
        code: .unsuitableInput,
        message: "images are \(size.height)×\(size.width) pixels, both sides must be multiples of "
          + "\(multiple) (max pooling would drop the rest); resize or crop them")
    }
  }
}
