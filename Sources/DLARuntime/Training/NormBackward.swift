import DLACore
import DLAKernelTypes

/// The gradients of a batch norm's weights and biases, of its input and of the shortcut added behind it.
struct NormBackward: NormPasses {
  /// How it is known what a ReLU behind the norm has cut off.
  enum ReLU {
    case none
    /// A shortcut was added before the ReLU, so only the output tells.
    case output(MapView)
    case values
  }

  let layer: NormLayer
  /// The gradient of the output.
  let gradient: MapView
  let relu: ReLU
  let input: MapView
  /// The gradient of the input, which may lie where that of the output does.
  let destination: MapView
  let shortcut: MapView?
  let addsToShortcut: Bool
  let kernels: KernelTable

  func sum(_ plane: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.training.normGradientSums(
      NormGradientSumsCall(
        gradient: gradient.rows(plane: plane, image: image, worker.arena).source,
        relu: mask(plane, image, worker),
        value: input.rows(plane: plane, image: image, worker.arena).source,
        mean: layer.row(.mean, plane: plane), rows: input.geometry.size.height,
        width: input.geometry.size.width, sums: layer.sums(part: part, plane: plane)))
  }

  func finish(_ plane: Int, _ worker: Worker) {
    layer.isFixed ? layer.fixBackward(plane: plane) : layer.finishBackward(plane: plane)
  }

  func write(_ plane: Int, _ image: Int, _ worker: Worker) {
    kernels.training.normGradient(
      NormGradientCall(
        gradient: gradient.rows(plane: plane, image: image, worker.arena).source,
        relu: mask(plane, image, worker),
        value: input.rows(plane: plane, image: image, worker.arena).source,
        factors: layer.row(.first, plane: plane),
        destination: destination.rows(plane: plane, image: image, worker.arena),
        shortcut: shortcut?.rows(plane: plane, image: image, worker.arena),
        addsToShortcut: addsToShortcut, rows: input.geometry.size.height,
        width: input.geometry.size.width))
  }

  private func mask(_ plane: Int, _ image: Int, _ worker: Worker) -> ReLUMask {
    switch relu {
    case .none: .none
    case .output(let view): .output(view.rows(plane: plane, image: image, worker.arena).source)
    case .values:
      .values(scale: layer.row(.scale, plane: plane), shift: layer.row(.shift, plane: plane))
    }
  }
}
