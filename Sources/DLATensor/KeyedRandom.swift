import DLASystem

/// A stream of uniform numbers that follows from a text key alone.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) whose state starts at the FNV-1a-64 hash of the
/// key's UTF-8 bytes. The same key gives the same numbers on all hardware, so synthetic weights
/// and test inputs need not be stored.
public struct KeyedRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the stream of `key`.
  ///
  /// - Parameter key: any text, for instance `dla34/level0.0.weight`.
  public init(key: String) {
    state = key.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  /// The next 64 random bits.
  ///
  /// - Returns: the next output of SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The next number, uniform in [-1, 1) with a step of 2⁻²³.
  ///
  /// - Returns: a multiple of 2⁻²³, exact in float32.
  public mutating func nextUniform() -> Double { Double(next() >> 40) / Double(1 << 23) - 1 }

  /// The next whole number from 0 to below `bound`, the same in every version of Swift.
  ///
  /// - Precondition: `bound` is at least 1.
  /// - Returns: a number that is as even as 64 bits are.
  package mutating func nextIndex(below bound: Int) -> Int {
    // The high half of a product is as even as its 64 bits.
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The numbers from 0 to below `count` in random order (Fisher and Yates).
  ///
  /// - Returns: all of them, each order as likely as any other.
  package mutating func nextOrder(of count: Int) -> [UInt32] {
    var order = (0..<UInt32(count)).map { $0 }
    for last in order.indices.dropFirst().reversed() {
      order.swapAt(last, nextIndex(below: last + 1))
    }
    return order
  }
}

extension KeyedRandom {
  /// The next number, uniform in (0, 1) with a step of 2⁻⁵²; never 0, so it has a logarithm.
  package mutating func nextFraction() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

  /// The next number of mean 0 and variance 1, normally distributed.
  ///
  /// The polar method of Marsaglia and Bray (SIAM Review 6, 1964); its second number is left.
  package mutating func nextNormal() -> Double {
    while true {
      let x = 2 * nextFraction() - 1
      let y = 2 * nextFraction() - 1
      let square = x * x + y * y
      guard square < 1, square > 0 else { continue }
      return x * (-2 * Platform.logarithm(square) / square).squareRoot()
    }
  }

  /// The next number of the beta distribution with both parameters `alpha`: from 0 to 1, mean ½,
  /// variance 1 / (8 · alpha + 4).
  ///
  /// The share of one of two gamma numbers in their sum.
  ///
  /// - Precondition: `alpha` is above 0.
  package mutating func nextBeta(alpha: Double) -> Double {
    let first = nextLogGamma(shape: alpha)
    let second = nextLogGamma(shape: alpha)
    return 1 / (1 + Platform.exponential(second - first))
  }

  /// The logarithm of the next number of the gamma distribution with scale 1, since small shapes
  /// give numbers below what a float64 holds.
  ///
  /// Marsaglia and Tsang, ACM Transactions on Mathematical Software 26 (2000): from shape 1 on by
  /// rejection, below from the shape one higher.
  ///
  /// - Precondition: `shape` is above 0.
  package mutating func nextLogGamma(shape: Double) -> Double {
    precondition(shape > 0, "the gamma distribution has no shape \(shape)")
    guard shape >= 1 else {
      return nextLogGamma(shape: shape + 1) + Platform.logarithm(nextFraction()) / shape
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = nextNormal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let logarithm = Platform.logarithm(v)
      if Platform.logarithm(nextFraction()) < x * x / 2 + d - d * v + d * logarithm {
        return Platform.logarithm(d) + logarithm
      }
    }
  }
}
