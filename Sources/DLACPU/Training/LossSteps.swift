import CDLAKernels
import DLASystem

/// Softmax cross-entropy with any targets, the mean over a batch, in float64.
final class LossLayer: @unchecked Sendable {
  // Unchecked: set while no worker runs; workers write the losses of different images.
  let classes: Int
  /// [N, classes]; set while a step runs.
  var targets: UnsafePointer<Float>?
  private let losses: UnsafeMutablePointer<Double>
  private let images: Int

  init(images: Int, classes: Int) {
    (self.images, self.classes) = (images, classes)
    losses = .allocate(capacity: images)
    losses.initialize(repeating: 0, count: images)
  }

  deinit { losses.deallocate() }

  /// The mean loss of the last batch, in nats.
  var mean: Double { (0..<images).reduce(0) { $0 + losses[$1] } / Double(images) }

  /// Stores the loss of an image and computes the gradient of each score.
  func compute(_ image: Int, score: (Int) -> Double, gradient: (_ channel: Int, Float) -> Void) {
    guard let targets = targets.map({ $0 + image * classes }) else { return }
    let largest = (0..<classes).reduce(-Double.infinity) { max($0, score($1)) }
    var sum = 0.0
    var weight = 0.0
    var agreement = 0.0
    for channel in 0..<classes {
      let target = Double(targets[channel])
      sum += Platform.exponential(score(channel) - largest)
      weight += target
      agreement += target * score(channel)
    }
    losses[image] = weight * (Platform.logarithm(sum) + largest) - agreement
    for channel in 0..<classes {
      let share = Platform.exponential(score(channel) - largest) / sum
      gradient(channel, Float((weight * share - Double(targets[channel])) / Double(images)))
    }
  }
}

/// The loss of each image, and the gradient of its scores.
struct LossStep: Step {
  let name = "loss"
  let layer: LossLayer
  let scores: TensorView
  let gradient: TensorView

  func run(_ worker: Worker) {
    let full = Layout.channelsPerBlock
    for image in worker.share(of: scores.geometry.images) {
      // Channels above the last are read too, times zero.
      for channelBlock in gradient.channelBlocks.indices {
        gradient.rows(channelBlock: channelBlock, image: image, worker.arena).base.update(
          repeating: 0, count: full)
      }
      layer.compute(image) { channel in
        let channelBlock = scores.rows(channelBlock: channel / full, image: image, worker.arena)
          .base
        return Double(channelBlock[channel % full])
      } gradient: { channel, value in
        gradient.rows(channelBlock: channel / full, image: image, worker.arena).base[
          channel % full] = value
      }
    }
  }
}

/// The factors of dropout on pooled features (Srivastava et al., Journal of Machine Learning
/// Research 15, 2014; inverted, so that inference needs none).
final class DropoutLayer: @unchecked Sendable {
  // Unchecked: set while no worker runs.
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
