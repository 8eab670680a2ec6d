import DLASystem
import DLAText

/// A round number: digits times a power of ten, to be written exactly.
struct RoundNumber: Equatable, Sendable {
  /// The digits, as a whole number.
  let digits: Int
  let exponent: Int

  /// Its value, correctly rounded.
  var value: Double {
    let power = Platform.power(10, Double(abs(exponent)))
    return exponent < 0 ? Double(digits) / power : Double(digits) * power
  }

  /// Its text: `0.05`, `200`, or `5·10⁻⁷` for long numbers.
  var text: String {
    guard digits != 0 else { return "0" }
    if plainExponents.contains(exponent), abs(value) < longestPlain {
      return fixed(value, max(0, -exponent))
    }
    let length = String(abs(digits)).count
    let mantissa = Double(digits) / Platform.power(10, Double(length - 1))
    let power = "10" + superscript(exponent + length - 1)
    // A factor of 1 is omitted.
    return mantissa == 1 ? power : "\(fixed(mantissa, length - 1))·\(power)"
  }

  private func superscript(_ number: Int) -> String {
    String(
      String.UnicodeScalarView(
        String(number).unicodeScalars.compactMap { scalar in
          switch scalar {
          case "-": "⁻"
          case "1": "¹"
          case "2": "²"
          case "3": "³"
          default: Unicode.Scalar(scalar.value - 0x30 + 0x2070)
          }
        }))
  }
}

/// The exponents of last digits that are written out.
private let plainExponents = -4...5
private let shortestPlain = 1e-4
private let longestPlain = 1e6
/// The first digits of ticks.
private let roundDigits = [1, 2, 5]

/// A number with significant digits, for instance `0.0125` or `3.20e-6`; a dash if it is not finite.
func significant(_ value: Double, digits: Int = 3) -> String {
  guard value.isFinite else { return "–" }
  guard isDrawable(value), value != 0 else { return value == 0 ? "0" : "\(value)" }
  let exponent = Int(Platform.logarithm10(abs(value)).rounded(.down)) - digits + 1
  guard !(shortestPlain..<longestPlain).contains(abs(value)) else {
    return fixed(value, max(0, -exponent))
  }
  return scientific(value, digits: digits)
}

/// True if a number is in the range that axes can compute with.
func isDrawable(_ value: Double) -> Bool {
  value.isFinite && abs(value) <= 1e100 && (value == 0 || abs(value) >= 1e-100)
}

/// About `steps` round numbers from the last not above a range to the first not below it.
///
/// - Returns: multiples of 1, 2 or 5 times a power of ten.
func evenTicks(_ range: ClosedRange<Double>, steps: Int) -> [RoundNumber] {
  let least = (range.upperBound - range.lowerBound) / Double(steps)
  let step = roundNumber(notBelow: least)
  // Bounds within rounding errors of a tick are on it.
  let tolerance = 1e-9
  let first = (range.lowerBound / step.value + tolerance).rounded(.down)
  let last = (range.upperBound / step.value - tolerance).rounded(.up)
  return (Int(first)...Int(max(first, last))).map {
    RoundNumber(digits: $0 * step.digits, exponent: step.exponent)
  }
}

/// Round numbers with approximately equidistant logarithms.
///
/// - Returns: powers of ten, with their multiples by 2 and 5 if the range is short.
func logarithmicTicks(_ range: ClosedRange<Double>, steps: Int) -> [RoundNumber] {
  let lowest = Int(Platform.logarithm10(range.lowerBound).rounded(.down))
  let highest = Int(Platform.logarithm10(range.upperBound).rounded(.up))
  let decades = Platform.logarithm10(range.upperBound / range.lowerBound)
  // Two decades with rounding.
  let isShort = decades < 2.1
  let stride = max(1, (highest - lowest + steps - 1) / steps)
  return (lowest...highest).filter { isShort || $0.isMultiple(of: stride) }.flatMap { exponent in
    (isShort ? roundDigits : [1]).map { RoundNumber(digits: $0, exponent: exponent) }
  }.filter { range.contains($0.value) }
}

/// The largest of 1, 2 and 5 times a power of ten that is not above a number.
func roundNumber(notAbove value: Double) -> RoundNumber {
  let exponent = Int(Platform.logarithm10(value).rounded(.down))
  let numbers = roundDigits.map { RoundNumber(digits: $0, exponent: exponent) }
  return numbers.last { $0.value <= value } ?? RoundNumber(digits: 5, exponent: exponent - 1)
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below a number.
func roundNumber(notBelow value: Double) -> RoundNumber {
  let exponent = Int(Platform.logarithm10(value).rounded(.down))
  let numbers = roundDigits.map { RoundNumber(digits: $0, exponent: exponent) }
  return numbers.first { $0.value >= value } ?? RoundNumber(digits: 1, exponent: exponent + 1)
}
