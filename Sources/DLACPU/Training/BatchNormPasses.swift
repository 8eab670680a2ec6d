import CDLAKernels

/// The passes of a batch norm over its feature maps, forward or backward.
///
/// One sums, one writes what follows from the sums; each does an image of a channel block at a time.
protocol BatchNormPasses: Sendable {
  var layer: BatchNormLayer { get }
  /// The feature map that is normalised.
  var input: TensorView { get }
  /// The feature map that is written.
  var destination: TensorView { get }

  /// Adds an image of a channel block to some of the layer's sums.
  func sum(_ channelBlock: Int, _ image: Int, part: Int, _ worker: Worker)
  /// Makes of a channel block's sums, or of running statistics if they are fixed, what the second pass needs.
  func finish(_ channelBlock: Int, _ worker: Worker)
  func write(_ channelBlock: Int, _ image: Int, _ worker: Worker)
}

extension BatchNormPasses {
  /// The passes as steps: as few as one where each channel block is the work of one worker.
  var steps: [any Step] {
    let border = BorderClearing(destination)
    if layer.isFixed {
      return [BatchNormFinishStep(passes: self), BatchNormWriteStep(passes: self, border: border)]
    }
    if layer.isByChannelBlock { return [BatchNormByChannelBlockStep(passes: self, border: border)] }
    return [
      BatchNormSumsStep(passes: self), BatchNormFinishStep(passes: self),
      BatchNormWriteStep(passes: self, border: border),
    ]
  }
}

private struct BatchNormSumsStep: Step {
  let passes: any BatchNormPasses
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    let layer = passes.layer
    for channelBlock in 0..<layer.channelBlockCount {
      layer.clearSums(part: worker.index, channelBlock: channelBlock)
    }
    passes.input.forEachImage(worker) { channelBlock, image in
      passes.sum(channelBlock, image, part: worker.index, worker)
    }
  }
}

private struct BatchNormFinishStep: Step {
  let passes: any BatchNormPasses
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    for channelBlock in worker.share(of: passes.layer.channelBlockCount) {
      passes.finish(channelBlock, worker)
    }
  }
}

private struct BatchNormWriteStep: Step {
  let passes: any BatchNormPasses
  let border: BorderClearing
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    border.run(worker)
    passes.input.forEachImage(worker) { channelBlock, image in
      passes.write(channelBlock, image, worker)
    }
  }
}

/// All passes channel block by channel block: much of what the sums have read is still in a cache when it is read
/// again, the last images first.
private struct BatchNormByChannelBlockStep: Step {
  let passes: any BatchNormPasses
  let border: BorderClearing
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    let layer = passes.layer
    let images = passes.input.geometry.images
    border.run(worker)
    worker.forEach(of: layer.channelBlockCount) { channelBlock in
      layer.clearSums(part: 0, channelBlock: channelBlock)
      for image in 0..<images { passes.sum(channelBlock, image, part: 0, worker) }
      passes.finish(channelBlock, worker)
      for image in (0..<images).reversed() { passes.write(channelBlock, image, worker) }
    }
  }
}
