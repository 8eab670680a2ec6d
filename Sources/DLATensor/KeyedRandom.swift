/// A stream of uniform numbers that follows from a text key alone.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) whose state starts at the FNV-1a-64 hash of the
/// key's UTF-8 bytes. The same key gives the same numbers on every machine, so synthetic weights
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
  public mutating func nextUniform() -> Double {
    Double(next() >> 40) / Double(1 << 23) - 1
  }

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
