import CDLAKernels

/// The gradients of a batch norm's weights and biases, of its input and of the shortcut added behind it.
struct BatchNormBackward: BatchNormPasses {
  /// How it is known what a ReLU behind the batch norm has cut off.
  enum ReLU {
    case none
    /// A shortcut was added before the ReLU, so only the output tells.
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
