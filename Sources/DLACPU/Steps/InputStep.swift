/// Copies images into the arena, with the border the stem reads.
struct InputStep: Step {
  let name = "input"
  private let offsets: [Int]
  private let geometry: FeatureMapGeometry
  private let border: BorderClearing
  private let firstRow: Int

  /// Copies as many images as the feature map has, from `firstImage` of the batch on.
  init(destination: TensorView, firstImage: Int) {
    offsets = destination.channelBlocks.map(\.offset)
    geometry = destination.geometry
    border = BorderClearing(destination)
    firstRow = firstImage * offsets.count * geometry.size.height
  }

  func run(_ worker: Worker) {
    border.run(worker)
    let size = geometry.size
    for unit in worker.share(of: offsets.count * geometry.images * size.height) {
      let (map, y) = unit.quotientAndRemainder(dividingBy: size.height)
      let (image, channel) = map.quotientAndRemainder(dividingBy: offsets.count)
      let destination =
        worker.arena + offsets[channel] + image * geometry.image + geometry.origin
        + y * geometry.row
      destination.update(
        from: worker.input + (firstRow + unit) * size.width, count: size.width)
    }
  }
}
