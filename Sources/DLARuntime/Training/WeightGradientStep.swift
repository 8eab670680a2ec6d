import DLACore
import DLAKernelTypes

/// The gradient of a convolution's weights: products of inputs and gradients, summed over all pixels of
/// all images.
///
/// A unit of work is one or two planes of output channels, one of inputs and one row of the kernel.
struct WeightGradientStep: Step {
  let name: String
  private let convolution: Convolution
  private let input: MapView
  private let gradient: MapView
  private let gradients: ParameterBlock
  private let offset: Int
  private let kernels: KernelTable
  private let units: [Unit]
  private let isPlanar: Bool
  /// How far apart pixels of the gradient lie.
  private let spacing: Int
  private let size: Size

  private struct Unit {
    let outputs: Range<Int>
    let input: Int
    let kernelRow: Int
  }

  /// Input and gradient of one call stay in the second-level cache while the kernel's columns pass.
  private static let chunkBytes = 256 << 10

  /// The gradient goes to the weights' place in `target`, [O, I / groups, side, side].
  init(
    _ operation: TrainingOperation, _ convolution: Convolution, input: MapView, gradient: MapView,
    size: Size, target: ParameterBlock, kernels: KernelTable
  ) {
    name = operation.name
    self.convolution = convolution
    self.input = input
    self.gradient = gradient
    self.size = size
    gradients = target
    offset = target.offset(of: "\(operation.name).weight")
    self.kernels = kernels
    isPlanar = input.geometry.pixel == 1
    spacing = gradient.geometry.size.width / size.width
    units = Self.units(convolution, input, gradient, lanes: kernels.lanes)
  }

  private static func units(
    _ convolution: Convolution, _ input: MapView, _ gradient: MapView, lanes: Int
  ) -> [Unit] {
    let isPaired = lanes == Layout.channelsPerPlane && convolution.groups == 1
    return stride(from: 0, to: gradient.planes.count, by: isPaired ? 2 : 1).flatMap { first in
      let outputs = first..<min(first + (isPaired ? 2 : 1), gradient.planes.count)
      let groups = convolution.groups(
        ofOutputs: gradient.planes[first].channels
          .lowerBound..<gradient.planes[outputs.upperBound - 1].channels.upperBound)
      return input.planes.indices.filter {
        convolution.groups(ofInputs: input.planes[$0].channels).overlaps(groups)
      }.flatMap { plane in
        (0..<convolution.side).map { Unit(outputs: outputs, input: plane, kernelRow: $0) }
      }
    }
  }

  private var columns: Int { isPlanar ? convolution.side : Layout.channelsPerPlane }
  /// Kernel columns that are passed one by one; those of a planar image are passed together.
  private var kernelColumns: Int { isPlanar ? 1 : convolution.side }
  /// Sums of one kernel column of one plane of outputs.
  private var sumFloats: Int { columns * Layout.channelsPerPlane }

  var scratchFloats: Int { (kernelColumns + 1) * 2 * sumFloats }

  func run(_ worker: Worker) {
    worker.forEach(of: units.count) { compute(units[$0], worker) }
  }

  private func compute(_ unit: Unit, _ worker: Worker) {
    let step = unit.outputs.count * sumFloats
    worker.scratch.update(repeating: 0, count: kernelColumns * step)
    let room = worker.scratch + kernelColumns * step
    let rows = valid(unit.kernelRow, input.geometry.size.height, size.height)
    let bytes =
      (input.geometry.image + unit.outputs.count * gradient.geometry.image)
      * MemoryLayout<Float>.size
    let images = max(1, Self.chunkBytes / bytes)
    let rowsPerCall = max(
      1, bytes > Self.chunkBytes ? rows.count * Self.chunkBytes / bytes : rows.count)
    for image in stride(from: 0, to: input.geometry.images, by: images) {
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerCall) {
        for column in 0..<kernelColumns {
          correlate(
            unit, column, images: image..<min(image + images, input.geometry.images),
            rows: row..<min(row + rowsPerCall, rows.upperBound),
            sums: worker.scratch + column * step,
            room: room, worker)
        }
      }
    }
    store(unit, worker.scratch, step)
  }

  private func correlate(
    _ unit: Unit, _ kernelColumn: Int, images: Range<Int>, rows: Range<Int>,
    sums: UnsafeMutablePointer<Float>, room: UnsafeMutablePointer<Float>, _ worker: Worker
  ) {
    let columns =
      isPlanar
      ? 0..<size.width : valid(kernelColumn, input.geometry.size.width, size.width)
    guard !columns.isEmpty else { return }
    let padding = convolution.padding
    let from = input.rows(plane: unit.input, image: images.lowerBound, worker.arena)
    let firstRow = rows.lowerBound * convolution.stride + unit.kernelRow - padding
    let firstColumn =
      columns.lowerBound * convolution.stride + (isPlanar ? 0 : kernelColumn) - padding
    let by = gradient.rows(
      plane: unit.outputs.lowerBound, image: images.lowerBound, worker.arena, spacing: spacing)
    kernels.training.correlate(
      CorrelationCall(
        input: SourceRows(
          base: UnsafePointer(from.base + firstRow * from.row + firstColumn * from.pixel),
          row: from.row * convolution.stride, pixel: from.pixel * convolution.stride),
        gradient: SourceRows(
          base: UnsafePointer(by.base + rows.lowerBound * by.row + columns.lowerBound * by.pixel),
          row: by.row, pixel: by.pixel),
        gradientVector: vectorStep(unit), columns: self.columns, vectors: vectors(unit),
        rows: rows.count, width: columns.count, images: images.count,
        inputImage: input.geometry.image, gradientImage: gradient.geometry.image, sums: sums,
        scratch: room))
  }

  private func vectors(_ unit: Unit) -> Int {
    kernels.lanes == Layout.channelsPerPlane
      ? unit.outputs.count : Layout.channelsPerPlane / kernels.lanes
  }

  private func vectorStep(_ unit: Unit) -> Int {
    guard unit.outputs.count == 2 else { return kernels.lanes }
    return gradient.planes[unit.outputs.upperBound - 1].offset
      - gradient.planes[unit.outputs.lowerBound].offset
  }

  /// Output rows, or columns, for which a row or column of the kernel lies inside the input.
  private func valid(_ tap: Int, _ length: Int, _ outputs: Int) -> Range<Int> {
    let before = max(0, convolution.padding - tap)
    let first = (before + convolution.stride - 1) / convolution.stride
    let last = (length - 1 - tap + convolution.padding) / convolution.stride
    let end = min(outputs, length - 1 - tap + convolution.padding < 0 ? 0 : last + 1)
    return min(first, end)..<end
  }

  /// Brings the sums of a unit to their places.
  private func store(_ unit: Unit, _ sums: UnsafePointer<Float>, _ step: Int) {
    let side = convolution.side
    let inputs = input.planes[unit.input].channels
    let perGroup = convolution.inputChannels / convolution.groups
    let outputsPerGroup = convolution.outputChannels / convolution.groups
    for (index, plane) in unit.outputs.enumerated() {
      for (lane, output) in gradient.planes[plane].channels.enumerated() {
        let firstInput = output / outputsPerGroup * perGroup
        for input in inputs where firstInput..<firstInput + perGroup ~= input {
          let to =
            gradients.base + offset
            + ((output * perGroup + input - firstInput) * side + unit.kernelRow) * side
          for column in 0..<side {
            let from = isPlanar ? column : input - inputs.lowerBound
            let sum = sums + (isPlanar ? 0 : column) * step + index * sumFloats
            to[column] = sum[from * Layout.channelsPerPlane + lane]
          }
        }
      }
    }
  }
}

extension Convolution {
  /// The groups that some output channels belong to.
  fileprivate func groups(ofOutputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = outputChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }

  /// The groups that some input channels belong to.
  fileprivate func groups(ofInputs channels: Range<Int>) -> ClosedRange<Int> {
    let width = inputChannels / groups
    return channels.lowerBound / width...(channels.upperBound - 1) / width
  }
}

/// The gradient of a convolution's bias: the sum of its output's gradients.
struct BiasGradientStep: Step {
  let name: String
  let gradient: MapView
  let gradients: ParameterBlock
  let offset: Int

  func run(_ worker: Worker) {
    let size = gradient.geometry.size
    for index in worker.share(of: gradient.planes.count) {
      for (lane, channel) in gradient.planes[index].channels.enumerated() {
        var sum = 0.0
        for image in 0..<gradient.geometry.images {
          let rows = gradient.rows(plane: index, image: image, worker.arena)
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
