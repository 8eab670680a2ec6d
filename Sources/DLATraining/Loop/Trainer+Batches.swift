extension Trainer {
  /// Mixes the images of a batch, and their targets alike.
  package func apply(
    _ mix: BatchMix, images: UnsafeMutableBufferPointer<Float>,
    targets: UnsafeMutableBufferPointer<Float>
  ) {
    mix.mix(images: images, height: side, width: side, work: work)
    mix.mix(targets: targets, work: work)
  }

  /// Images of the batch that was learned last whose most probable class is the labelled one.
  package func correctImages(_ labels: [Int]) -> Int {
    labels.indices.count { image in
      let scores = logits.elements[image * classes..<(image + 1) * classes]
      var best = scores.startIndex
      for index in scores.indices where scores[index] > scores[best] { best = index }
      return best - scores.startIndex == labels[image]
    }
  }
}
