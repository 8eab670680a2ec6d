import DLAData
import DLATensor

// MARK: - Classification

extension Classifier {
  /// Classifies an image without blocking a thread of Swift's cooperative pool.
  ///
  /// A cancelled task whose image has not begun gets a `CancellationError`.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - count: the number of classes to return.
  /// - Returns: the classes in descending order of probability; of equal ones the lower index first.
  /// - Throws: as `classifyAndWait(_:top:)`.
  public func classify(_ image: RGBImage, top count: Int = 5) async throws -> [Prediction] {
    try await network.work.run { _ in try classifyAndWait(image, top: count) }
  }

  /// Reads an image file and classifies it, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Parameters:
  ///   - path: a JPEG, PNG, WebP or BMP file.
  ///   - count: the number of classes to return.
  /// - Returns: the classes in descending order of probability; of equal ones the lower index first.
  /// - Throws: `ImageError` if the file can't be read; as `classifyAndWait(_:top:)`.
  public func classify(path: String, top count: Int = 5) async throws -> [Prediction] {
    try await network.work.run { _ in
      try classifyAndWait(preprocessor.image(path: path), top: count)
    }
  }

  /// Classifies images in batches, without blocking a thread of Swift's cooperative pool.
  ///
  /// A cancelled task gets a `CancellationError` after the batch that runs.
  ///
  /// - Parameters:
  ///   - images: the images.
  ///   - count: the number of classes to return for each image.
  ///   - batchSize: the number of images that pass the network together.
  /// - Returns: for each image the classes in descending order of probability.
  /// - Throws: as `classifyAndWait(_:top:)`, for the first image that fails.
  /// - Precondition: `batchSize` is at least 1.
  public func classify(
    _ images: [RGBImage], top count: Int = 5, batchSize: Int = 8
  ) async throws -> [[Prediction]] {
    try await network.work.run { isCancelled in
      try classifyAndWait(images, top: count, batchSize: batchSize) {
        if isCancelled() { throw CancellationError() }
      }
    }
  }

  /// Classifies an image, blocking the calling thread.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - count: the number of classes to return.
  /// - Returns: the classes in descending order of probability; of equal ones the lower index first.
  /// - Throws: `ImageError` if the image can't be cropped; as `Network`.
  public func classifyAndWait(_ image: RGBImage, top count: Int = 5) throws -> [Prediction] {
    let logits = try output(for: image).logits
    return try predictions(logits.elements[...], top: count)
  }

  /// Classifies images in batches, blocking the calling thread.
  ///
  /// - Parameters:
  ///   - images: the images.
  ///   - count: the number of classes to return for each image.
  ///   - batchSize: the number of images that pass the network together.
  /// - Returns: for each image the classes in descending order of probability.
  /// - Throws: as `classifyAndWait(_:top:)`, for the first image that fails.
  /// - Precondition: `batchSize` is at least 1.
  public func classifyAndWait(
    _ images: [RGBImage], top count: Int = 5, batchSize: Int = 8
  ) throws -> [[Prediction]] {
    try classifyAndWait(images, top: count, batchSize: batchSize) {}
  }

  /// Calls `check` for each image, which ends the work by throwing.
  private func classifyAndWait(
    _ images: [RGBImage], top count: Int, batchSize: Int, check: () throws -> Void
  ) throws -> [[Prediction]] {
    var results: [[Prediction]] = []
    var rest = images.makeIterator()
    try ClassificationPipeline(self, batchSize: max(1, min(batchSize, images.count))).run {
      rest.next().map { ((), $0) }
    } image: {
      $0
    } report: { _, scores in
      try check()
      results.append(try predictions(scores.get(), top: count))
      return true
    }
    return results
  }

  private func output(for image: RGBImage, returnsFeatures: Bool = false) throws -> Network.Output {
    let input = try preprocessor.input(image)
    return try network(
      Tensor(shape: [1] + input.shape, elements: input.elements), returnsFeatures: returnsFeatures)
  }
}

// MARK: - Features

extension Classifier {
  /// The feature pyramid of an image, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - levels: the levels to return, within 0 to 5.
  /// - Returns: for each level its features, [1, C, H, W]; H and W are the crop divided by the stride.
  /// - Throws: `ImageError` if the image can't be cropped; as `Network`.
  /// - Precondition: `levels` lies within 0 to 5.
  public func features(
    _ image: RGBImage, levels: ClosedRange<Int> = 0...5
  ) async throws -> [FeatureMap] {
    try await network.work.run { _ in try featuresAndWait(image, levels: levels) }
  }

  /// The feature pyramid of an image, blocking the calling thread.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - levels: the levels to return, within 0 to 5.
  /// - Returns: for each level its features, [1, C, H, W]; H and W are the crop divided by the stride.
  /// - Throws: `ImageError` if the image can't be cropped; as `Network`.
  /// - Precondition: `levels` lies within 0 to 5.
  public func featuresAndWait(
    _ image: RGBImage, levels: ClosedRange<Int> = 0...5
  ) throws -> [FeatureMap] {
    precondition(
      levels.lowerBound >= 0 && levels.upperBound <= 5,
      "levels \(levels) were requested; they must lie within 0 to 5")
    let output = try output(for: image, returnsFeatures: true)
    return levels.map { FeatureMap(level: $0, tensor: output.levels[$0]) }
  }
}
