/// The height and width of a map, in pixels.
public struct SpatialSize: Sendable, Hashable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// Makes a size.
  ///
  /// - Parameters:
  ///   - height: rows.
  ///   - width: columns.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// All pixels.
  public var area: Int { height * width }
}
