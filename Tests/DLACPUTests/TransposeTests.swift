import CDLAKernels
import DLACPU
import Testing

struct TransposeTests {
  @Test(
    arguments: InstructionSet.available, [(1, 1), (3, 40), (16, 16), (17, 33), (32, 8), (40, 5)])
  func columnsBecomeRows(instructionSet: InstructionSet, shape: (rows: Int, columns: Int)) {
    let (rows, columns) = shape
    // Rows are padded, and the padding must not change.
    let (sourceRow, destinationRow) = (columns + 3, rows + 5)
    let source = (0..<rows * sourceRow).map(Float.init)
    var destination = [Float](repeating: -1, count: columns * destinationRow)
    source.withUnsafeBufferPointer { source in
      destination.withUnsafeMutableBufferPointer { destination in
        guard let source = source.baseAddress, let destination = destination.baseAddress else {
          return
        }
        instructionSet.kernels.transpose(
          TransposeCall(
            source: source, sourceRow: sourceRow, rows: rows, columns: columns,
            destination: destination, destinationRow: destinationRow))
      }
    }
    for column in 0..<columns {
      let line = destination[column * destinationRow..<(column + 1) * destinationRow]
      let expected =
        (0..<rows).map { source[$0 * sourceRow + column] }
        + [Float](repeating: -1, count: destinationRow - rows)
      #expect(Array(line) == expected, "column \(column)")
    }
  }
}
