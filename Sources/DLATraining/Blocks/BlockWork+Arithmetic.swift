import DLATensor

extension BlockWork {
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

  /// Sets all numbers of a block to zero.
  package func clear(_ block: UnsafeMutableBufferPointer<Float>) {
    forEachPiece(of: [block.indices]) { _, piece in
      for index in piece { block[index] = 0 }
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
/// - Parameters:
///   - tensors: the tensors of the block, one after another.
///   - block: their numbers.
///   - kinds: which tensors are looked at.
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
