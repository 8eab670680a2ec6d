import DLACore
import DLAKernelTypes

/// Sums over a batch norm's input.
struct NormSumsStep: Step {
  let layer: NormLayer
  let input: MapView
  let kernels: KernelTable
  var name: String { layer.name }

  func run(_ worker: Worker) {
    for plane in 0..<layer.planeCount { layer.clearSums(part: worker.index, plane: plane) }
    input.forEachImage(worker) { plane, image in
      add(plane, image, part: worker.index, worker)
    }
  }

  /// Adds an image of a plane to some sums.
  func add(_ plane: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.training.normSums(
      NormSumsCall(
        source: input.rows(plane: plane, image: image, worker.arena).source,
        pivot: pivot(plane, worker), rows: input.geometry.size.height,
        width: input.geometry.size.width, sums: layer.sums(part: part, plane: plane)))
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
    for plane in worker.share(of: sums.layer.planeCount) { finish(plane, worker) }
  }

  func finish(_ plane: Int, _ worker: Worker) {
    sums.layer.finishForward(plane: plane, pivot: sums.pivot(plane, worker), momentum: momentum)
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
    input.forEachImage(worker) { plane, image in normalize(plane, image, worker) }
  }

  func normalize(_ plane: Int, _ image: Int, _ worker: Worker) {
    kernels.training.normalize(
      NormalizeCall(
        source: input.rows(plane: plane, image: image, worker.arena).source,
        scale: layer.row(.scale, plane: plane), shift: layer.row(.shift, plane: plane),
        shortcut: shortcut?.rows(plane: plane, image: image, worker.arena).source,
        destination: output.rows(plane: plane, image: image, worker.arena), relu: relu,
        rows: input.geometry.size.height, width: input.geometry.size.width))
  }
}

/// A batch norm, plane by plane: much of what the sums have read is still in a cache when it is
/// normalised, the last images first.
struct NormByPlaneStep: Step {
  let statistics: NormStatisticsStep
  let normalize: NormalizeStep
  var name: String { normalize.name }

  func run(_ worker: Worker) {
    let layer = normalize.layer
    let images = normalize.input.geometry.images
    normalize.border.run(worker)
    worker.forEach(of: layer.planeCount) { plane in
      layer.clearSums(part: 0, plane: plane)
      for image in 0..<images { statistics.sums.add(plane, image, part: 0, worker) }
      statistics.finish(plane, worker)
      for image in (0..<images).reversed() { normalize.normalize(plane, image, worker) }
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
    for plane in 0..<layer.planeCount { layer.clearSums(part: worker.index, plane: plane) }
    maps.input.forEachImage(worker) { plane, image in
      add(plane, image, part: worker.index, worker)
    }
  }

  /// Adds an image of a plane to some sums.
  func add(_ plane: Int, _ image: Int, part: Int, _ worker: Worker) {
    kernels.training.normGradientSums(
      NormGradientSumsCall(
        gradient: maps.gradient.rows(plane: plane, image: image, worker.arena).source,
        relu: maps.mask(layer, plane: plane, image: image, worker),
        value: maps.input.rows(plane: plane, image: image, worker.arena).source,
        mean: layer.row(.mean, plane: plane), rows: maps.input.geometry.size.height,
        width: maps.input.geometry.size.width, sums: layer.sums(part: part, plane: plane)))
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

  init(_ layer: NormLayer, _ maps: NormGradientMaps, _ kernels: KernelTable) {
    self.layer = layer
    self.maps = maps
    self.kernels = kernels
    border = BorderClearing(maps.destination)
  }

  func run(_ worker: Worker) {
    border.run(worker)
    maps.input.forEachImage(worker) { plane, image in pass(plane, image, worker) }
  }

  func pass(_ plane: Int, _ image: Int, _ worker: Worker) {
    kernels.training.normGradient(
      NormGradientCall(
        gradient: maps.gradient.rows(plane: plane, image: image, worker.arena).source,
        relu: maps.mask(layer, plane: plane, image: image, worker),
        value: maps.input.rows(plane: plane, image: image, worker.arena).source,
        factors: layer.row(.first, plane: plane),
        destination: maps.destination.rows(plane: plane, image: image, worker.arena),
        shortcut: maps.shortcut?.rows(plane: plane, image: image, worker.arena),
        addsToShortcut: maps.addsToShortcut, rows: maps.input.geometry.size.height,
        width: maps.input.geometry.size.width))
  }
}

/// Gradients of a batch norm, plane by plane, as `NormByPlaneStep`.
struct NormGradientByPlaneStep: Step {
  let sums: NormGradientSumsStep
  let gradient: NormGradientStep
  var name: String { gradient.name }

  func run(_ worker: Worker) {
    let layer = gradient.layer
    let images = gradient.maps.input.geometry.images
    gradient.border.run(worker)
    worker.forEach(of: layer.planeCount) { plane in
      layer.clearSums(part: 0, plane: plane)
      for image in 0..<images { sums.add(plane, image, part: 0, worker) }
      layer.finishBackward(plane: plane)
      for image in (0..<images).reversed() { gradient.pass(plane, image, worker) }
    }
  }
}
