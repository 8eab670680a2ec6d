import CDLAKernels

/// The gradient of a convolution's bias: the sum of its output's gradients.
struct BiasGradientStep: Step {
  let name: String
  let gradient: TensorView
  let gradients: ParameterBlock
  let offset: Int

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    for index in worker.share(of: gradient.channelBlocks.count) {
      for (lane, channel) in gradient.channelBlocks[index].channels.enumerated() {
        var sum = 0.0
        for image in 0..<gradient.geometry.images {
          let rows = gradient.rows(channelBlock: index, image: image, worker.arena)
          for y in 0..<size.height {
            for x in 0..<size.width {
              sum += Double(rows.base[y * rows.row + x * rows.pixel + lane])
            }
          }
        }
        gradients.base[offset + channel] = Float(sum)
      }
    }
  }
}
