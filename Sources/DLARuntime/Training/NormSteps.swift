import DLACore
import DLAKernelTypes

/// Sums over a batch norm's input.
struct NormSumsStep: Step {
  let layer: NormLayer
  let input: MapView
  let kernels: KernelTable
  var name: String { layer.name }

  func run(_ worker: Worker) {
    layer.clearSums(worker: worker.index)
    input.forEachImage(worker) { plane, image in
      kernels.training.normSums(
        NormSumsCall(
          source: input.rows(plane: plane, image: image, worker.arena).source,
          pivot: pivot(plane, worker), rows: input.geometry.size.height,
          width: input.geometry.size.width, sums: layer.sums(worker: worker.index, plane: plane)))
    }
  }

  /// The first pixel: as good as any number of the channel's size.
  func pivot(_ plane: Int, _ worker: Worker) -> UnsafePointer<Float> {
    UnsafePointer(input.rows(plane: plane, image: 0, worker.arena).base)
  }
}

/// Mean, variance, scale and shift of each channel.
struct NormStatisticsStep: Step {
  let sums: NormSumsStep
  let momentum: Double
  var name: String { sums.name }

  func run(_ worker: Worker) {
    for plane in worker.share(of: sums.layer.planeCount) {
      sums.layer.finishForward(
        plane: plane, pivot: sums.pivot(plane, worker), momentum: momentum)
    }
  }
}

/// A batch norm's output, with the shortcut and the ReLU behind it.
struct NormalizeStep: Step {
  let layer: NormLayer
  let input: MapView
  let shortcut: MapView?
  let output: MapView
  let relu: Bool
  let border: BorderClearing
  let kernels: KernelTable
  var name: String { layer.name }

  func run(_ worker: Worker) {
    border.run(worker)
    input.forEachImage(worker) { plane, image in
      kernels.training.normalize(
        NormalizeCall(
          source: input.rows(plane: plane, image: image, worker.arena).source,
          scale: layer.row(.scale, plane: plane), shift: layer.row(.shift, plane: plane),
          shortcut: shortcut?.rows(plane: plane, image: image, worker.arena).source,
          destination: output.rows(plane: plane, image: image, worker.arena), relu: relu,
          rows: input.geometry.size.height, width: input.geometry.size.width))
    }
  }
}

/// What the backward steps of a batch norm read and write.
struct NormGradientMaps {
  /// How it is known what a ReLU behind the norm has cut off.
  enum ReLU {
    case none
    /// A shortcut was added before the ReLU, so only the output tells.
    case output(MapView)
    case values
  }

  let gradient: MapView
  let relu: ReLU
  let input: MapView
  /// The gradient of the convolution's output.
  let destination: MapView
  let shortcut: MapView?
  let addsToShortcut: Bool

  func mask(_ layer: NormLayer, plane: Int, image: Int, _ worker: Worker) -> ReLUMask {
    switch relu {
    case .none: .none
    case .output(let view): .output(view.rows(plane: plane, image: image, worker.arena).source)
    case .values:
      .values(scale: layer.row(.scale, plane: plane), shift: layer.row(.shift, plane: plane))
    }
  }
}

/// Sums over the gradients of a batch norm's output.
struct NormGradientSumsStep: Step {
  let layer: NormLayer
  let maps: NormGradientMaps
  let kernels: KernelTable
  var name: String { layer.name }

  func run(_ worker: Worker) {
    layer.clearSums(worker: worker.index)
    maps.input.forEachImage(worker) { plane, image in
      kernels.training.normGradientSums(
        NormGradientSumsCall(
          gradient: maps.gradient.rows(plane: plane, image: image, worker.arena).source,
          relu: maps.mask(layer, plane: plane, image: image, worker),
          value: maps.input.rows(plane: plane, image: image, worker.arena).source,
          mean: layer.row(.mean, plane: plane), rows: maps.input.geometry.size.height,
          width: maps.input.geometry.size.width,
          sums: layer.sums(worker: worker.index, plane: plane)))
    }
  }
}

/// Gradients of weights and biases.
struct NormFactorsStep: Step {
  let layer: NormLayer
  var name: String { layer.name }

  func run(_ worker: Worker) {
    for plane in worker.share(of: layer.planeCount) { layer.finishBackward(plane: plane) }
  }
}

/// Gradients of a batch norm's input and of its shortcut.
struct NormGradientStep: Step {
  let layer: NormLayer
  let maps: NormGradientMaps
  let border: BorderClearing
  let kernels: KernelTable
  var name: String { layer.name }

  /// How far apart pixels of the destination lie: the stride of the convolution.
  private var spacing: Int {
    maps.destination.geometry.size.width / maps.input.geometry.size.width
  }

  init(_ layer: NormLayer, _ maps: NormGradientMaps, _ kernels: KernelTable) {
    self.layer = layer
    self.maps = maps
    self.kernels = kernels
    border = BorderClearing(maps.destination)
  }

  func run(_ worker: Worker) {
    if spacing == 1 { border.run(worker) }
    maps.input.forEachImage(worker) { plane, image in
      if spacing > 1 { clear(plane, image, worker) }
      kernels.training.normGradient(
        NormGradientCall(
          gradient: maps.gradient.rows(plane: plane, image: image, worker.arena).source,
          relu: maps.mask(layer, plane: plane, image: image, worker),
          value: maps.input.rows(plane: plane, image: image, worker.arena).source,
          factors: layer.row(.first, plane: plane),
          destination: maps.destination.rows(
            plane: plane, image: image, worker.arena, spacing: spacing),
          shortcut: maps.shortcut?.rows(plane: plane, image: image, worker.arena),
          addsToShortcut: maps.addsToShortcut, rows: maps.input.geometry.size.height,
          width: maps.input.geometry.size.width))
    }
  }

  /// Zeros between the pixels, and around them.
  private func clear(_ plane: Int, _ image: Int, _ worker: Worker) {
    let geometry = maps.destination.geometry
    (worker.arena + maps.destination.planes[plane].offset + image * geometry.image)
      .update(repeating: 0, count: geometry.image)
  }
}
