import DLACore
import DLAKernelTypes

/// Gradients of weights as they are defined: each tap's inputs times the gradients.
///
/// A unit of work holds the sums of a block of weights over a part of the pixels. Pixels are taken in
/// chunks that stay in the caches while a block's inputs, outputs and taps pass.
struct DirectWeightGradientStep: Step {
  var name: String { problem.name }
  private let problem: WeightGradientProblem
  private let blocks: [WeightGradientBlock]
  private let chunks: [Chunk]
  private let destination: WeightGradientParts

  /// Pixels of some images: whole rows, or, where nothing is between images, of all of them in one row.
  private struct Chunk {
    let images: Range<Int>
    let rows: Range<Int>
    let columns: Range<Int>
  }

  /// Pixels of a chunk: a block's gradients and inputs stay in the caches while they pass each other,
  /// and sums are long enough that storing them does not count.
  private static let chunkPixels = 1024
  /// Planes of outputs and of inputs of a block, which are fewer where kernels have many taps.
  private static let largestBlock = (outputs: 8, inputs: 16)
  /// Bytes of a block's sums; they share the second-level cache with a chunk.
  private static let largestSums = 128 << 10

  /// - Throws: `RuntimeError` with `.outOfMemory`.
  init(_ problem: WeightGradientProblem, target: ParameterBlock) throws(RuntimeError) {
    self.problem = problem
    chunks = Self.chunks(problem)
    let side = problem.convolution.side
    let pair =
      side * side * (problem.isPlanar ? 1 : Layout.channelsPerPlane)
      * Layout.channelsPerPlane * MemoryLayout<Float>.size
    var largest = Self.largestBlock
    while largest.outputs * largest.inputs * pair > Self.largestSums, largest.inputs > 1 {
      if largest.outputs > 2 { largest.outputs /= 2 } else { largest.inputs /= 2 }
    }
    let units = WeightGradientProblem.unitsPerWorker * problem.workers
    blocks = problem.blocks(largest: largest, units: units)
    let parts =
      problem.workers == 1 || blocks.count >= units
      ? 1 : min(chunks.count, (units + blocks.count - 1) / blocks.count)
    destination = try WeightGradientParts(
      count: problem.count, parts: parts, target: target,
      offset: target.offset(of: "\(problem.name).weight"))
  }

  /// What must run behind this step.
  var sum: SumPartsStep? { destination.sum(name) }

  private static func chunks(_ problem: WeightGradientProblem) -> [Chunk] {
    let (images, size) = (problem.input.geometry.images, problem.size)
    let pixels = max(1, chunkPixels / problem.convolution.stride)
    if isFlat(problem) {
      let all = images * size.area
      let count = (all + pixels - 1) / pixels
      return (0..<count).map {
        Chunk(images: 0..<1, rows: 0..<1, columns: all * $0 / count..<all * ($0 + 1) / count)
      }
    }
    let together = max(1, pixels / size.area)
    let rows = max(1, min(size.height, pixels / size.width))
    return stride(from: 0, to: images, by: together).flatMap { image in
      stride(from: 0, to: size.height, by: rows).map {
        Chunk(
          images: image..<min(image + together, images), rows: $0..<min($0 + rows, size.height),
          columns: 0..<size.width)
      }
    }
  }

  /// Whether pixels are read one to one and all of them lie in one row.
  private static func isFlat(_ problem: WeightGradientProblem) -> Bool {
    problem.convolution.side == 1 && problem.convolution.stride == 1 && !problem.isPlanar
      && problem.input.geometry.border == 0 && problem.gradient.geometry.border == 0
  }

  private var side: Int { problem.convolution.side }
  private var columns: Int { problem.isPlanar ? side : Layout.channelsPerPlane }
  /// Taps that are passed one by one; those of a row of a planar image are passed together.
  private var taps: Int { problem.isPlanar ? side : side * side }
  /// Sums of one tap of a pair of planes.
  private var sumFloats: Int { problem.planesTogether * columns * Layout.channelsPerPlane }

  var scratchFloats: Int { (blocks.map(\.pairs).max() ?? 0) * taps * sumFloats }

  func run(_ worker: Worker) {
    worker.forEach(of: blocks.count * destination.parts) { unit in
      let (block, part) = unit.quotientAndRemainder(dividingBy: destination.parts)
      compute(blocks[block], part, worker)
    }
  }

  private func compute(_ block: WeightGradientBlock, _ part: Int, _ worker: Worker) {
    let step = taps * sumFloats
    let count = chunks.count
    worker.scratch.update(repeating: 0, count: block.pairs * step)
    withUnsafeTemporaryAllocation(of: Window.self, capacity: taps) { windows in
      for chunk in count * part / destination.parts..<count * (part + 1) / destination.parts {
        for tap in 0..<taps { windows.initializeElement(at: tap, to: window(chunks[chunk], tap)) }
        var sums = worker.scratch
        for outputs in block.outputs {
          let gradient = worker.arena + problem.gradient.planes[outputs.lowerBound].offset
          let vectors = problem.vectors(
            outputs,
            planeStep: problem.gradient.planes[outputs.upperBound - 1].offset
              - problem.gradient.planes[outputs.lowerBound].offset)
          for plane in block.inputs {
            let input = worker.arena + problem.input.planes[plane].offset
            for tap in 0..<taps where windows[tap].width > 0 {
              correlate(
                windows[tap], input: input, gradient: gradient, vectors,
                sums: sums + tap * sumFloats)
            }
            sums += step
          }
        }
      }
    }
    var sums = UnsafePointer(worker.scratch)
    for outputs in block.outputs {
      for input in block.inputs {
        problem.store(
          sums, tapStep: sumFloats, outputs: outputs, input: input, to: destination[part])
        sums += step
      }
    }
  }

  /// What a tap meets of a chunk: inputs and gradients from the start of a plane, rows, and pixels of
  /// each.
  private struct Window {
    let input: Int
    let gradient: Int
    let rows: Int
    let width: Int
    let images: Int
  }

  private func window(_ chunk: Chunk, _ tap: Int) -> Window {
    let (input, gradient) = (problem.input.geometry, problem.gradient.geometry)
    let convolution = problem.convolution
    let (tapRow, tapColumn) =
      problem.isPlanar ? (tap, 0) : tap.quotientAndRemainder(dividingBy: side)
    // The one tap of a flat map lies inside everywhere.
    let rows = side == 1 ? chunk.rows : chunk.rows.clamped(to: problem.pixels(ofRow: tapRow))
    let columns =
      side == 1 || problem.isPlanar
      ? chunk.columns : chunk.columns.clamped(to: problem.pixels(ofColumn: tapColumn))
    let image = chunk.images.lowerBound
    let row = rows.lowerBound * convolution.stride + tapRow - convolution.padding
    let column = columns.lowerBound * convolution.stride + tapColumn - convolution.padding
    return Window(
      input: image * input.image + input.origin + row * input.row + column * input.pixel,
      gradient: image * gradient.image + gradient.origin
        + rows.lowerBound * gradient.row + columns.lowerBound * gradient.pixel,
      rows: rows.count, width: rows.isEmpty ? 0 : columns.count, images: chunk.images.count)
  }

  private func correlate(
    _ window: Window, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    _ vectors: (count: Int, step: Int), sums: UnsafeMutablePointer<Float>
  ) {
    let (from, by) = (problem.input.geometry, problem.gradient.geometry)
    let stride = problem.convolution.stride
    problem.kernels.training.correlate(
      CorrelationCall(
        input: SourceRows(
          base: input + window.input, row: from.row * stride, pixel: from.pixel * stride),
        gradient: SourceRows(
          base: gradient + window.gradient, row: by.row, pixel: by.pixel),
        gradientVector: vectors.step, columns: columns, vectors: vectors.count, rows: window.rows,
        width: window.width, images: window.images, inputImage: from.image, gradientImage: by.image,
        sums: sums))
  }
}
