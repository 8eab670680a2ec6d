/// Scale and shift of a frozen batch norm.
struct FixedNormStep: Step {
  let layer: NormLayer
  var name: String { layer.name }

  func run(_ worker: Worker) {
    for plane in worker.share(of: layer.planeCount) { layer.fixForward(plane: plane) }
  }
}

/// The factors of a frozen batch norm's gradients.
struct FixedNormFactorsStep: Step {
  let layer: NormLayer
  var name: String { layer.name }

  func run(_ worker: Worker) {
    for plane in worker.share(of: layer.planeCount) { layer.fixBackward(plane: plane) }
  }
}
