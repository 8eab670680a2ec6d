import DLACore

extension Graph {
  /// Holds the size of images to what the network takes.
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
