import CDLAKernels

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
