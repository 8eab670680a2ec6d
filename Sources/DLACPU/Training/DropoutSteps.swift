import CDLAKernels

/// Which pooled features a step of training keeps, and by what they grow (Srivastava et al., Journal of
/// Machine Learning Research 15, 2014; inverted, so that inference needs nothing).
final class DropoutLayer: @unchecked Sendable {
  /// [N, channels]; set while a step runs.
  var factors: UnsafePointer<Float>?
  let channels: Int

  init(channels: Int) { self.channels = channels }
}

/// Multiplies pooled features, or their gradients, by the factors of the step.
struct DropoutStep: Step {
  let name: String
  let layer: DropoutLayer
  /// One pixel an image.
  let view: TensorView

  func run(_ worker: Worker) {
    guard let factors = layer.factors else { return }
    view.forEachImage(worker) { channelBlock, image in
      let pixel = view.rows(channelBlock: channelBlock, image: image, worker.arena).base
      for (lane, channel) in view.channelBlocks[channelBlock].channels.enumerated() {
        pixel[lane] *= factors[image * layer.channels + channel]
      }
    }
  }
}
