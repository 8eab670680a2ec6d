extension RGBImage {
  /// The image at another size, its sides in the same proportion.
  ///
  /// - Parameter longSide: the longer side in pixels, at least 1.
  /// - Returns: the image, resized as PIL's `BILINEAR` does.
  public func resized(longSide: Int) -> RGBImage {
    resized(scale: Double(longSide) / Double(max(width, height)))
  }

  /// A smaller image of the same shape, for people; a small one stays as it is.
  ///
  /// - Parameters:
  ///   - short: the shorter side at most, in pixels, at least 1.
  ///   - long: the longer side at most, in pixels, at least `short`.
  /// - Returns: the image, resized as PIL's `BILINEAR` does.
  package func thumbnail(short: Int, long: Int) -> RGBImage {
    resized(
      scale: min(
        1, Double(short) / Double(min(width, height)), Double(long) / Double(max(width, height))))
  }

  private func resized(scale: Double) -> RGBImage {
    func length(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
    let size = (width: length(width), height: length(height))
    return resizePillow(
      self, Window(resized: size, columns: 0..<size.width, rows: 0..<size.height))
  }
}
