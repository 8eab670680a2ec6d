import CDLAKernels

/// Sets gradients to zero that several operations add to.
struct ClearStep: Step {
  let name: String
  let view: TensorView

  func run(_ worker: Worker) {
    view.forEachImage(worker) { channelBlock, image in
      (worker.arena + view.channelBlocks[channelBlock].offset + image * view.geometry.image)
        .update(repeating: 0, count: view.geometry.image)
    }
  }
}

/// The gradient of a sum for one of its parts: the same gradient.
struct PassGradientStep: Step {
  let name: String
  let gradient: TensorView
  let destination: TensorView
  let adds: Bool

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    gradient.forEachImage(worker) { channelBlock, image in
      let from = gradient.rows(channelBlock: channelBlock, image: image, worker.arena)
      let to = destination.rows(channelBlock: channelBlock, image: image, worker.arena)
      for y in 0..<size.height {
        for i in 0..<size.width * Layout.channelsPerBlock {
          let value = from.base[y * from.row + i]
          to.base[y * to.row + i] = adds ? to.base[y * to.row + i] + value : value
        }
      }
    }
  }
}

/// The gradient of max pooling.
struct MaxPoolGradientStep: Step {
  let name: String
  let window: Int
  let gradient: TensorView
  let output: TensorView
  let input: TensorView
  let destination: TensorView
  let adds: Bool
  let kernels: KernelTable

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    gradient.forEachImage(worker) { channelBlock, image in
      kernels.maxPoolGradient(
        MaxPoolGradientCall(
          gradient: gradient.rows(channelBlock: channelBlock, image: image, worker.arena).source,
          output: output.rows(channelBlock: channelBlock, image: image, worker.arena).source,
          input: input.rows(channelBlock: channelBlock, image: image, worker.arena).source,
          destination: destination.rows(channelBlock: channelBlock, image: image, worker.arena),
          adds: adds,
          window: window, rows: size.height, width: size.width))
    }
  }
}

/// The gradient of the mean over all pixels: an equal share for each.
struct GlobalAverageGradientStep: Step {
  let name: String
  let gradient: TensorView
  let destination: TensorView
  let adds: Bool

  func run(_ worker: Worker) {
    let size = destination.geometry.size
    let share = 1 / Float(size.area)
    gradient.forEachImage(worker) { channelBlock, image in
      let from = gradient.rows(channelBlock: channelBlock, image: image, worker.arena).base
      let to = destination.rows(channelBlock: channelBlock, image: image, worker.arena)
      for y in 0..<size.height {
        for x in 0..<size.width {
          let pixel = to.base + y * to.row + x * to.pixel
          for lane in 0..<Layout.channelsPerBlock {
            pixel[lane] = (adds ? pixel[lane] : 0) + from[lane] * share
          }
        }
      }
    }
  }
}

/// The gradient of the mean of 3×3 squares.
struct AveragePool3x3GradientStep: Step {
  let name: String
  let stride: Int
  let gradient: TensorView
  /// Holds what others have added, or zeros.
  let destination: TensorView

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    let target = destination.geometry.size
    gradient.forEachImage(worker) { channelBlock, image in
      let from = gradient.rows(channelBlock: channelBlock, image: image, worker.arena)
      let to = destination.rows(channelBlock: channelBlock, image: image, worker.arena)
      for y in 0..<size.height {
        for x in 0..<size.width {
          let source = from.base + y * from.row + x * from.pixel
          for row in max(0, y * stride - 1)..<min(target.height, y * stride + 2) {
            for column in max(0, x * stride - 1)..<min(target.width, x * stride + 2) {
              let pixel = to.base + row * to.row + column * to.pixel
              for lane in 0..<Layout.channelsPerBlock { pixel[lane] += source[lane] / 9 }
            }
          }
        }
      }
    }
  }
}
