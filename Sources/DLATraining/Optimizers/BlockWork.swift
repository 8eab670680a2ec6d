import DLASystem
import DLATensor
import Synchronization

/// Work on flat blocks of numbers that all threads of a pool share.
///
/// A block is cut into pieces whose bounds do not depend on the number of threads, so neither does
/// any result. A thread that is done with a piece takes the next.
package struct BlockWork: Sendable {
  /// Numbers of a piece, at most: 256 KB, so that three blocks' pieces stay in a core's cache.
  static let pieceLength = 1 << 16

  private let threads: ThreadPool

  /// Shares work among the threads of a pool.
  package init(_ threads: ThreadPool) { self.threads = threads }

  /// Calls `body` with every piece of every range and that range's index, on any thread in any
  /// order.
  func forEachPiece(of ranges: [Range<Int>], _ body: (_ range: Int, _ piece: Range<Int>) -> Void) {
    let pieces = Self.pieces(of: ranges)
    guard !pieces.isEmpty else { return }
    withoutActuallyEscaping(body) { body in
      threads.run(PieceJob(count: pieces.count) { body(pieces[$0].range, pieces[$0].piece) })
    }
  }

  /// Adds up what `body` gives for every piece, in the order of the pieces.
  ///
  /// - Returns: the sum; the same for any number of threads.
  func sum(over ranges: [Range<Int>], _ body: (_ piece: Range<Int>) -> Double) -> Double {
    let pieces = Self.pieces(of: ranges)
    guard !pieces.isEmpty else { return 0 }
    var sums = Array(repeating: 0.0, count: pieces.count)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      withoutActuallyEscaping(body) { body in
        threads.run(PieceJob(count: pieces.count) { sums[$0] = body(pieces[$0].piece) })
      }
    }
    return sums.reduce(0, +)
  }

  private static func pieces(of ranges: [Range<Int>]) -> [(range: Int, piece: Range<Int>)] {
    ranges.enumerated().flatMap { index, range in
      stride(from: range.lowerBound, to: range.upperBound, by: pieceLength).map {
        (index, $0..<min($0 + pieceLength, range.upperBound))
      }
    }
  }
}

/// Pieces that are taken by whichever thread comes first.
///
/// Unchecked: `body` may touch only what belongs to its piece.
private final class PieceJob: ParallelJob, @unchecked Sendable {
  private let count: Int
  private let body: (Int) -> Void
  private let taken = Atomic<Int>(0)

  init(count: Int, body: @escaping (Int) -> Void) {
    (self.count, self.body) = (count, body)
  }

  func work(worker: Int) {
    while true {
      let piece = taken.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      body(piece)
    }
  }
}

extension BlockWork {
  /// Copies one block to another.
  ///
  /// - Precondition: both have the same number of elements.
  package func copy(
    _ source: UnsafeMutableBufferPointer<Float>,
    to destination: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == destination.count, "blocks of different lengths can't be copied")
    forEachPiece(of: [destination.indices]) { _, piece in
      _ = destination[piece].update(fromContentsOf: source[piece])
    }
  }

  /// Adds one block to another: the gradients of several batches are added up by this.
  ///
  /// - Precondition: both have the same number of elements.
  package func add(
    _ source: UnsafeMutableBufferPointer<Float>,
    to destination: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == destination.count, "blocks of different lengths can't be added")
    forEachPiece(of: [destination.indices]) { _, piece in
      for index in piece { destination[index] += source[index] }
    }
  }

  /// Multiplies all numbers of a block, for instance by one over the number of batches added up.
  package func scale(_ block: UnsafeMutableBufferPointer<Float>, by factor: Float) {
    forEachPiece(of: [block.indices]) { _, piece in
      for index in piece { block[index] *= factor }
    }
  }

  /// The sum of the squares of some ranges, in float64.
  func sumOfSquares(_ block: UnsafeMutableBufferPointer<Float>, in ranges: [Range<Int>]) -> Double {
    sum(over: ranges) { piece in
      // Sixteen sums, so that an addition need not wait for the one before.
      var sums = SIMD16<Double>.zero
      var rest = piece.lowerBound
      while rest + 16 <= piece.upperBound {
        var values = SIMD16<Double>.zero
        for lane in 0..<16 { values[lane] = Double(block[rest + lane]) }
        sums += values * values
        rest += 16
      }
      var total = sums.sum()
      for index in rest..<piece.upperBound { total += Double(block[index]) * Double(block[index]) }
      return total
    }
  }
}

/// Names the first tensor, in the order of the network, that holds a NaN or an infinity.
///
/// - Returns: its name; nil if all numbers are finite.
package func firstNonFiniteTensor(
  of tensors: [TensorSpecification], in block: UnsafeMutableBufferPointer<Float>,
  kinds: [TensorSpecification.Kind] = [.parameter, .statistic]
) -> String? {
  var start = 0
  for tensor in tensors {
    let end = start + tensor.count
    if kinds.contains(tensor.kind), !block[start..<end].allSatisfy(\.isFinite) {
      return tensor.name
    }
    start = end
  }
  return nil
}
