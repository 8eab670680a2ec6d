/// The weights of PIL's antialiased bilinear filter along one side, for a range of outputs.
///
/// Computed in double precision, normalised, then rounded to 22 fractional bits.
/// Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's `Resample.c`.
struct PillowFilter {
  /// The fractional bits of a weight.
  static let precision: Int32 = 22
  /// For each output, the first input it reads.
  private(set) var starts: [Int] = []
  /// For each output, how many inputs it reads, at least 1.
  private(set) var counts: [Int] = []
  /// For each output, `stride` weights of which its `counts` are used.
  private(set) var weights: [Int32] = []
  /// The weights stored for each output.
  let stride: Int

  /// Computes the weights.
  ///
  /// - Parameters:
  ///   - input: the length of the side before resizing.
  ///   - output: its length after resizing.
  ///   - range: the outputs that are wanted.
  init(input: Int, output: Int, range: Range<Int>) {
    let scale = Double(input) / Double(output)
    let filterScale = max(scale, 1)
    stride = Int(filterScale.rounded(.up)) * 2 + 1
    starts.reserveCapacity(range.count)
    counts.reserveCapacity(range.count)
    weights.reserveCapacity(range.count * stride)
    var exact = [Double](repeating: 0, count: stride)
    for index in range {
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int(center - filterScale + 0.5))
      let count = min(input, Int(center + filterScale + 0.5)) - start
      var sum = 0.0
      for i in 0..<count {
        let distance = (Double(i + start) - center + 0.5) * (1 / filterScale)
        exact[i] = max(0, 1 - distance.magnitude)
        sum += exact[i]
      }
      for i in 0..<stride {
        let share = i < count ? (sum == 0 ? exact[i] : exact[i] / sum) : 0
        weights.append(Int32(0.5 + share * Double(1 << Self.precision)))
      }
      starts.append(start)
      counts.append(count)
    }
  }

  /// The inputs that any of the outputs reads.
  var inputs: Range<Int> {
    var range = (starts.first ?? 0)..<(starts.first ?? 0)
    for (start, count) in zip(starts, counts) {
      range = min(range.lowerBound, start)..<max(range.upperBound, start + count)
    }
    return range
  }
}
