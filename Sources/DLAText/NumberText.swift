import DLASystem

/// A number with a fixed count of decimals; infinities, NaN and very long ones are as Swift writes.
///
/// - Returns: for instance `0.50`; never `-0.00`.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
  guard let scaled = Int(exactly: (abs(value) * Double(scale)).rounded()) else { return "\(value)" }
  let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(whole)" }
  let digits = String(rest)
  return "\(sign)\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
}

/// A duration in its two largest units, for instance `3 min 20 s`.
///
/// - Returns: the time in whole seconds, a dash where it is none or longer than a thousand years.
package func duration(_ seconds: Double) -> String {
  guard (0...3.2e10).contains(seconds) else { return "–" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
  return "\(grouped(whole / 86_400)) d \(whole % 86_400 / 3600) h"
}

/// A number and its noun, for instance `1 class` or `3 classes`.
package func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// A whole number with commas between thousands, for instance `50,000`.
package func grouped(_ number: Int) -> String {
  var rest = String(number.magnitude)
  var groups: [String] = []
  while rest.count > 3 {
    groups.insert(String(rest.suffix(3)), at: 0)
    rest.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
}

/// A finite number other than 0 as a mantissa and a power of ten, for instance `9.21e-5`.
///
/// - Returns: the number, rounded.
package func scientific(_ value: Double, digits: Int) -> String {
  let power = Int(Platform.logarithm10(abs(value)).rounded(.down))
  func text(_ power: Int) -> String { fixed(value / Platform.power(10, Double(power)), digits - 1) }
  // A number that rounds up to ten has one power more.
  let mantissa = text(power)
  return mantissa.drop { $0 == "-" }.hasPrefix("10")
    ? "\(text(power + 1))e\(power + 1)" : "\(mantissa)e\(power)"
}
