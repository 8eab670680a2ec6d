import DLACore
import DLAKernelTypes

/// The passes of a batch norm over its maps, forward or backward.
///
/// One sums, one writes what follows from the sums; each does an image of a plane at a time.
protocol NormPasses: Sendable {
  var layer: NormLayer { get }
  /// The map that is normalised.
  var input: MapView { get }
  /// The map that is written.
  var destination: MapView { get }

  /// Adds an image of a plane to some of the layer's sums.
  func sum(_ plane: Int, _ image: Int, part: Int, _ worker: Worker)
  /// Makes of a plane's sums, or of running statistics if they are fixed, what the second pass needs.
  func finish(_ plane: Int, _ worker: Worker)
  func write(_ plane: Int, _ image: Int, _ worker: Worker)
}

extension NormPasses {
  /// The passes as steps: as few as one where each plane is the work of one worker.
  var steps: [any Step] {
    let border = BorderClearing(destination)
    if layer.isFixed {
      return [NormFinishStep(passes: self), NormWriteStep(passes: self, border: border)]
    }
    if layer.isByPlane { return [NormByPlaneStep(passes: self, border: border)] }
    return [
      NormSumsStep(passes: self), NormFinishStep(passes: self),
      NormWriteStep(passes: self, border: border),
    ]
  }
}

private struct NormSumsStep: Step {
  let passes: any NormPasses
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    let layer = passes.layer
    for plane in 0..<layer.planeCount { layer.clearSums(part: worker.index, plane: plane) }
    passes.input.forEachImage(worker) { plane, image in
      passes.sum(plane, image, part: worker.index, worker)
    }
  }
}

private struct NormFinishStep: Step {
  let passes: any NormPasses
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    for plane in worker.share(of: passes.layer.planeCount) { passes.finish(plane, worker) }
  }
}

private struct NormWriteStep: Step {
  let passes: any NormPasses
  let border: BorderClearing
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    border.run(worker)
    passes.input.forEachImage(worker) { plane, image in passes.write(plane, image, worker) }
  }
}

/// All passes plane by plane: much of what the sums have read is still in a cache when it is read
/// again, the last images first.
private struct NormByPlaneStep: Step {
  let passes: any NormPasses
  let border: BorderClearing
  var name: String { passes.layer.name }

  func run(_ worker: Worker) {
    let layer = passes.layer
    let images = passes.input.geometry.images
    border.run(worker)
    worker.forEach(of: layer.planeCount) { plane in
      layer.clearSums(part: 0, plane: plane)
      for image in 0..<images { passes.sum(plane, image, part: 0, worker) }
      passes.finish(plane, worker)
      for image in (0..<images).reversed() { passes.write(plane, image, worker) }
    }
  }
}
