/// A dense float32 array in C order (the last dimension varies fastest).
public struct Tensor: Sendable, Equatable {
  /// The length of each dimension; images are [N, C, H, W].
  public let shape: [Int]
  /// All elements, `shape.reduce(1, *)` of them.
  public package(set) var elements: [Float]

  /// Makes a tensor from its elements.
  ///
  /// - Parameters:
  ///   - shape: the length of each dimension.
  ///   - elements: the elements in C order.
  /// - Precondition: no length is negative, and `elements.count` is the product of `shape`.
  public init(shape: [Int], elements: [Float]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a tensor can't have shape \(shape)")
    precondition(
      elements.count == shape.reduce(1, *),
      "a tensor of shape \(shape) has \(shape.reduce(1, *)) elements, \(elements.count) were given")
    (self.shape, self.elements) = (shape, elements)
  }

  /// Makes a tensor of zeros.
  ///
  /// - Parameter shape: the length of each dimension.
  public init(zeros shape: [Int]) {
    self.init(shape: shape, elements: Array(repeating: 0, count: shape.reduce(1, *)))
  }
}

/// The height and width of an image or feature map, in pixels.
public struct SpatialSize: Sendable, Hashable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// Makes a size.
  public init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
  }

  /// All pixels.
  public var area: Int { height * width }
}
