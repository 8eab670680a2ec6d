import DLATensor

/// A feature map in float64, [N, C, H, W].
package struct NaiveFeatureMap: Sendable {
  package let images: Int
  package let channels: Int
  package let size: SpatialSize
  package var values: [Double]

  /// Makes a feature map from a function of image, channel, row and column.
  init(images: Int, channels: Int, size: SpatialSize, _ value: (Int, Int, Int, Int) -> Double) {
    (self.images, self.channels, self.size) = (images, channels, size)
    values = []
    values.reserveCapacity(images * channels * size.area)
    for image in 0..<images {
      for channel in 0..<channels {
        for y in 0..<size.height {
          for x in 0..<size.width { values.append(value(image, channel, y, x)) }
        }
      }
    }
  }

  /// One value; zero outside the image.
  subscript(image: Int, channel: Int, y: Int, x: Int) -> Double {
    guard 0..<size.height ~= y, 0..<size.width ~= x else { return 0 }
    return values[((image * channels + channel) * size.height + y) * size.width + x]
  }

  /// The values of one image.
  package subscript(image image: Int) -> ArraySlice<Double> {
    let count = values.count / images
    return values[image * count..<(image + 1) * count]
  }
}
