import CDLAKernels

/// The channel blocks a step reads and writes one to one, and how workers share their rows.
struct ChannelBlockMapping: Sendable {
  private let sources: [Int]
  private let destinations: [Int]
  private let source: FeatureMapGeometry
  private let destination: FeatureMapGeometry
  private let border: BorderClearing
  let geometry: RowGeometry

  init(source: TensorView, destination: TensorView) {
    sources = source.channelBlocks.map { $0.offset + source.geometry.origin }
    destinations = destination.channelBlocks.map { $0.offset + destination.geometry.origin }
    self.source = source.geometry
    self.destination = destination.geometry
    border = BorderClearing(destination)
    geometry = RowGeometry(
      sourceRow: source.geometry.row, destinationRow: destination.geometry.row,
      width: destination.geometry.size.width)
  }

  /// Calls `body` for the worker's rows: image of the channel block in source and destination, and
  /// its rows.
  func forEach(
    _ worker: Worker,
    _ body: (
      _ channelBlock: Int, _ source: UnsafeMutablePointer<Float>,
      _ destination: UnsafeMutablePointer<Float>, _ image: Int, _ rows: Range<Int>
    ) -> Void
  ) {
    border.run(worker)
    let height = destination.size.height
    let share = worker.share(of: destinations.count * destination.images * height)
    var row = share.lowerBound
    while row < share.upperBound {
      let (map, y) = row.quotientAndRemainder(dividingBy: height)
      let (channelBlock, image) = map.quotientAndRemainder(dividingBy: destination.images)
      let end = min(height, y + share.upperBound - row)
      body(
        channelBlock, worker.arena + sources[channelBlock] + image * source.image,
        worker.arena + destinations[channelBlock] + image * destination.image, image, y..<end)
      row += end - y
    }
  }
}

/// Max pooling with squares that do not overlap.
struct MaxPoolStep: Step {
  let name: String
  let window: Int
  let mapping: ChannelBlockMapping
  let kernels: KernelTable

  func run(_ worker: Worker) {
    mapping.forEach(worker) { _, source, destination, _, rows in
      kernels.maxPool(mapping.geometry, window, source, destination, IndexRange(rows))
    }
  }
}

/// The mean of 3×3 squares.
struct AveragePool3x3Step: Step {
  let name: String
  let stride: Int
  let mapping: ChannelBlockMapping
  let kernels: KernelTable

  func run(_ worker: Worker) {
    // The window starts one row and one pixel before the output pixel.
    let firstElement = mapping.geometry.sourceRow + Layout.channelsPerBlock
    mapping.forEach(worker) { _, source, destination, _, rows in
      kernels.averagePool3x3(
        mapping.geometry, stride, source - firstElement, destination, IndexRange(rows))
    }
  }
}

struct GlobalAverageStep: Step {
  let name: String
  let mapping: ChannelBlockMapping
  let source: FeatureMapGeometry
  let kernels: KernelTable

  func run(_ worker: Worker) {
    let geometry = RowGeometry(sourceRow: source.row, destinationRow: 0, width: source.size.width)
    mapping.forEach(worker) { _, from, destination, _, _ in
      kernels.globalAverage(geometry, source.size.height, from, destination)
    }
  }
}

/// The sum of two feature maps that nothing could be fused with.
struct AddStep: Step {
  let name: String
  let mapping: ChannelBlockMapping
  private let others: [Int]
  private let other: FeatureMapGeometry
  let kernels: KernelTable

  init(
    name: String, source: TensorView, other: TensorView, destination: TensorView,
    kernels: KernelTable
  ) {
    self.name = name
    mapping = ChannelBlockMapping(source: source, destination: destination)
    others = other.channelBlocks.map { $0.offset + other.geometry.origin }
    self.other = other.geometry
    self.kernels = kernels
  }

  func run(_ worker: Worker) {
    mapping.forEach(worker) { channelBlock, source, destination, image, rows in
      kernels.add(
        mapping.geometry, source, worker.arena + others[channelBlock] + image * other.image,
        other.row,
        destination, IndexRange(rows))
    }
  }
}

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
      destination.update(from: worker.input + (firstRow + unit) * size.width, count: size.width)
    }
  }
}
