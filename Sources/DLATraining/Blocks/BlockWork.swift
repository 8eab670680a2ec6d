import DLASystem
import Synchronization

/// Work on flat blocks of numbers that all threads of a pool share.
///
/// A block is cut into pieces whose bounds do not depend on the number of threads, so neither does
/// any result. Who is done with a piece takes the next.
package struct BlockWork: Sendable {
  /// Numbers of a piece, at most: 256 KB, so that three blocks' pieces stay in a core's cache.
  static let pieceLength = 1 << 16

  private let threads: ThreadPool

  /// Shares work among the threads of a pool.
  package init(_ threads: ThreadPool) { self.threads = threads }

  /// Calls `body` once for every piece of every range, on any thread and in any order.
  ///
  /// - Parameters:
  ///   - ranges: which numbers of a block; empty ones have no piece.
  ///   - body: is given the index of the range and the piece.
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
    self.count = count
    self.body = body
  }

  func work(worker: Int) {
    while true {
      let piece = taken.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      body(piece)
    }
  }
}
