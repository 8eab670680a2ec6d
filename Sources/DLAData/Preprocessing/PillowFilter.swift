/// The weights of one of PIL's antialiased filters along one side, for a range of outputs.
///
/// Computed in double precision, normalised, then rounded to 22 fractional bits.
/// Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's `Resample.c`.
struct PillowFilter {
  /// The inputs of one output and their weights.
  struct Tap {
    /// The first input.
    let start: Int
    /// The number of inputs, at least 1.
    let count: Int
    /// The weight of each, valid inside ``PillowFilter/withTaps(_:)``.
    let weights: UnsafePointer<Int32>
  }

  /// The fractional bits of a weight.
  static let precision: Int32 = 22
  /// The inputs that any of the outputs reads.
  private(set) var inputs: Range<Int>
  private var ranges: [Range<Int>] = []
  private var weights: [Int32] = []
  private let stride: Int

  /// Computes the weights of a range of outputs, at least one; `input` and `output` are lengths of
  /// a side.
  init(_ interpolation: Resampling.Interpolation, input: Int, output: Int, range: Range<Int>) {
    let scale = Double(input) / Double(output)
    let filterScale = max(scale, 1)
    let support = interpolation.pillowSupport * filterScale
    stride = Int(support.rounded(.up)) * 2 + 1
    ranges.reserveCapacity(range.count)
    weights.reserveCapacity(range.count * stride)
    var exact = [Double](repeating: 0, count: stride)
    for index in range {
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let count = min(input, Int(center + support + 0.5)) - start
      var sum = 0.0
      for i in 0..<count {
        exact[i] = interpolation.pillowWeight(
          (Double(i + start) - center + 0.5) * (1 / filterScale))
        sum += exact[i]
      }
      for i in 0..<stride {
        let share = i < count && sum != 0 ? exact[i] / sum : 0
        weights.append(Int32((share < 0 ? -0.5 : 0.5) + share * Double(1 << Self.precision)))
      }
      ranges.append(start..<(start + count))
    }
    inputs = (ranges.first?.lowerBound ?? 0)..<(ranges.last?.upperBound ?? 0)
  }

  /// Calls `body` with the inputs and weights of each output.
  func withTaps(_ body: ([Tap]) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      body(
        ranges.enumerated().map { index, range in
          Tap(start: range.lowerBound, count: range.count, weights: base + index * stride)
        })
    }
  }
}

extension Resampling.Interpolation {
  /// The distance, in pixels of the smaller image, beyond which the filter is 0.
  fileprivate var pillowSupport: Double {
    switch self {
    case .area: 0.5
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The filter at a distance; bicubic is Keys's with a = -0.5.
  fileprivate func pillowWeight(_ distance: Double) -> Double {
    let x = distance.magnitude
    switch self {
    case .area: return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .bilinear: return max(0, 1 - x)
    case .bicubic:
      guard x >= 1 else { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }
  }
}
