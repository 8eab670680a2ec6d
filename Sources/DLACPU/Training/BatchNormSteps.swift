import CDLAKernels

/// The passes of a batch norm over its feature maps, forward or backward.
///
/// One sums, one writes what follows from the sums; each does an image of a channel block at a
/// time.
protocol BatchNormPasses: Sendable {
  var layer: BatchNormLayer { get }
  /// The feature map that is normalised.
  var input: TensorView { get }
  /// The feature map that is written.
  var destination: TensorView { get }

  /// Adds an image of a channel block to some of the layer's sums.
  func sum(_ channelBlock: Int, _ image: Int, part: Int, _ worker: Worker)
  /// Makes of a channel block's sums, or of running statistics if they are fixed, what the second
  /// pass needs.
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

/// All passes channel block by channel block: much of what the sums have read is still in a cache
/// when it is read again, the last images first.
private struct BatchNormByChannelBlockStep: Step {
  let passes: any BatchNormPasses
  let border: BorderClearing
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    let layer = passes.layer
    let images = passes.input.geometry.images
    border.run(worker)
    worker.parallelFor(of: layer.channelBlockCount) { channelBlock in
      layer.clearSums(part: 0, channelBlock: channelBlock)
      for image in 0..<images { passes.sum(channelBlock, image, part: 0, worker) }
      passes.finish(channelBlock, worker)
      for image in (0..<images).reversed() { passes.write(channelBlock, image, worker) }
    }
  }
}

/// A batch norm's output, with the shortcut and the ReLU behind it.
struct BatchNormForward: BatchNormPasses {
  let layer: BatchNormLayer
  let input: TensorView
  let shortcut: TensorView?
  let destination: TensorView
  let relu: Bool
  /// The share by which a batch moves the running statistics.
  let momentum: Double
  let kernels: KernelTable

  func sum(_ channelBlock: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.batchNormSums(
      BatchNormSumsCall(
        source: input.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        pivot: pivot(channelBlock, worker), rows: input.geometry.size.height,
        width: input.geometry.size.width, sums: layer.sums(part: part, channelBlock: channelBlock)))
  }

  /// The first pixel: as good as any number of the channel's size.
  private func pivot(_ channelBlock: Int, _ worker: Worker) -> UnsafePointer<Float> {
    UnsafePointer(input.rows(channelBlock: channelBlock, image: 0, worker.arena).base)
  }

  func finish(_ channelBlock: Int, _ worker: Worker) {
    layer.isFixed
      ? layer.fixForward(channelBlock: channelBlock)
      : layer.finishForward(
        channelBlock: channelBlock, pivot: pivot(channelBlock, worker), momentum: momentum)
  }

  func write(_ channelBlock: Int, _ image: Int, _ worker: Worker) {
    kernels.batchNorm(
      BatchNormCall(
        source: input.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        scale: layer.row(.scale, channelBlock: channelBlock),
        shift: layer.row(.shift, channelBlock: channelBlock),
        shortcut: (shortcut?.rows(channelBlock: channelBlock, image: image, worker.arena).base)
          .map { UnsafePointer($0) },
        shortcutRow: shortcut?.geometry.row ?? 0,
        destination: destination.rows(channelBlock: channelBlock, image: image, worker.arena),
        relu: relu,
        rows: input.geometry.size.height, width: input.geometry.size.width))
  }
}

/// The gradients of a batch norm's weights and biases, of its input and of the shortcut added
/// behind it.
struct BatchNormBackward: BatchNormPasses {
  /// The source of the mask of a ReLU behind the batch norm.
  enum ReLU {
    case none
    /// A shortcut was added before the ReLU, so the mask follows from the output.
    case output(TensorView)
    case values
  }

  let layer: BatchNormLayer
  /// The gradient of the output.
  let gradient: TensorView
  let relu: ReLU
  let input: TensorView
  /// The gradient of the input, which may lie where that of the output does.
  let destination: TensorView
  let shortcut: TensorView?
  let addsToShortcut: Bool
  let kernels: KernelTable

  func sum(_ channelBlock: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.batchNormGradientSums(
      BatchNormGradientSumsCall(
        gradient: gradient.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        relu: mask(channelBlock, image, worker),
        value: input.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        mean: layer.row(.mean, channelBlock: channelBlock), rows: input.geometry.size.height,
        width: input.geometry.size.width, sums: layer.sums(part: part, channelBlock: channelBlock)))
  }

  func finish(_ channelBlock: Int, _ worker: Worker) {
    layer.isFixed
      ? layer.fixBackward(channelBlock: channelBlock)
      : layer.finishBackward(channelBlock: channelBlock)
  }

  func write(_ channelBlock: Int, _ image: Int, _ worker: Worker) {
    kernels.batchNormGradient(
      BatchNormGradientCall(
        gradient: gradient.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        relu: mask(channelBlock, image, worker),
        value: input.rows(channelBlock: channelBlock, image: image, worker.arena).source,
        factors: layer.row(.first, channelBlock: channelBlock),
        destination: destination.rows(channelBlock: channelBlock, image: image, worker.arena),
        shortcut: shortcut?.rows(channelBlock: channelBlock, image: image, worker.arena).base,
        shortcutRow: shortcut?.geometry.row ?? 0,
        addsToShortcut: addsToShortcut, rows: input.geometry.size.height,
        width: input.geometry.size.width))
  }

  private func mask(_ channelBlock: Int, _ image: Int, _ worker: Worker) -> ReLUMask {
    switch relu {
    case .none: .none
    case .output(let view):
      .output(view.rows(channelBlock: channelBlock, image: image, worker.arena).source)
    case .values:
      .values(
        scale: layer.row(.scale, channelBlock: channelBlock),
        shift: layer.row(.shift, channelBlock: channelBlock))
    }
  }
}
