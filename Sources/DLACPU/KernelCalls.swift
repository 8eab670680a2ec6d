import CDLAKernels

extension IndexRange {
  /// The same bounds for a kernel.
  init(_ range: Range<Int>) {
    self.init(lowerBound: range.lowerBound, upperBound: range.upperBound)
  }
}

extension SourceRows {
  /// Pixels of sixteen channels.
  init(base: UnsafePointer<Float>, row: Int) { self.init(base: base, row: row, pixel: 16) }
}

extension ReLUMask {
  static var none: ReLUMask {
    ReLUMask(kind: .none, output: nil, outputRow: 0, scale: nil, shift: nil)
  }

  /// No gradient passes where the output is 0.
  static func output(_ rows: SourceRows) -> ReLUMask {
    ReLUMask(kind: .output, output: rows.base, outputRow: rows.row, scale: nil, shift: nil)
  }

  /// No gradient passes where value · scale + shift is not above 0.
  static func values(scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) -> ReLUMask {
    ReLUMask(kind: .values, output: nil, outputRow: 0, scale: scale, shift: shift)
  }
}
