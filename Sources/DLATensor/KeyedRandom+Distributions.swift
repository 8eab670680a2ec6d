import DLASystem

extension KeyedRandom {
  /// The next number, uniform in (0, 1) with a step of 2⁻⁵²; never 0, so it has a logarithm.
  package mutating func nextFraction() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }

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
