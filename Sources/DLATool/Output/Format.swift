/// A number with a fixed count of decimals.
///
/// What is too large for that is written as its shortest text.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard abs(value) < 1e9 else { return "\(Float(value))" }
  let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
  let scaled = Int((abs(value) * Double(scale)).rounded())
  let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(whole)" }
  let digits = String(rest)
  return "\(sign)\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
}

/// A number and its noun, for instance `1 class` or `3 classes`.
func counted(_ number: Int, _ noun: String, _ plural: String) -> String {
  "\(number) \(number == 1 ? noun : plural)"
}

/// A number of bytes for people, in units of 1,024.
func bytes(_ count: Int) -> String {
  count < 1 << 20
    ? fixed(Double(count) / 1024, 1) + " KiB" : fixed(Double(count) / 1_048_576, 1) + " MiB"
}

/// A whole number with commas between thousands, for instance `50,000`.
func grouped(_ number: Int) -> String {
  var rest = String(number.magnitude)
  var groups: [String] = []
  while rest.count > 3 {
    groups.insert(String(rest.suffix(3)), at: 0)
    rest.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
}
