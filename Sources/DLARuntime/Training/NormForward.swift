import DLACore
import DLAKernelTypes

/// A batch norm's output, with the shortcut and the ReLU behind it.
struct NormForward: NormPasses {
  let layer: NormLayer
  let input: MapView
  let shortcut: MapView?
  let destination: MapView
  let relu: Bool
  /// The share by which a batch moves the running statistics.
  let momentum: Double
  let kernels: KernelTable

  func sum(_ plane: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.training.normSums(
      NormSumsCall(
        source: input.rows(plane: plane, image: image, worker.arena).source,
        pivot: pivot(plane, worker), rows: input.geometry.size.height,
        width: input.geometry.size.width, sums: layer.sums(part: part, plane: plane)))
  }

  /// The first pixel: as good as any number of the channel's size.
  private func pivot(_ plane: Int, _ worker: Worker) -> UnsafePointer<Float> {
    UnsafePointer(input.rows(plane: plane, image: 0, worker.arena).base)
  }

  func finish(_ plane: Int, _ worker: Worker) {
    layer.isFixed
      ? layer.fixForward(plane: plane)
      : layer.finishForward(plane: plane, pivot: pivot(plane, worker), momentum: momentum)
  }

  func write(_ plane: Int, _ image: Int, _ worker: Worker) {
    kernels.training.normalize(
      NormalizeCall(
        source: input.rows(plane: plane, image: image, worker.arena).source,
        scale: layer.row(.scale, plane: plane), shift: layer.row(.shift, plane: plane),
        shortcut: shortcut?.rows(plane: plane, image: image, worker.arena).source,
        destination: destination.rows(plane: plane, image: image, worker.arena), relu: relu,
        rows: input.geometry.size.height, width: input.geometry.size.width))
  }
}
