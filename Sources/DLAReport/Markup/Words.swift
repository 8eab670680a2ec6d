import DLAData
import DLAText

/// A no-break space.
private let fixedSpace = "\u{A0}"

/// A share of 0 to 1 in per cent, for instance `74.57 %`; a dash for nil.
func percent(_ share: Double?, decimals: Int = 1) -> String {
  share.map { fixed($0 * 100, decimals) + fixedSpace + "%" } ?? "–"
}

/// The 95% confidence interval of a share in per cent, for instance `73.7 to 75.4`.
func interval(_ count: Int, of total: Int, decimals: Int = 1) -> String {
  let interval = Tally.wilsonInterval(count, of: total)
  return "\(fixed(interval.lowerBound * 100, decimals)) to "
    + fixed(interval.upperBound * 100, decimals)
}

/// A name from a file, isolated from the text direction of its surroundings.
func name(_ text: String, limit: Int = 120) -> Markup {
  element("bdi") { Markup.text(text, limit: limit) }
}

/// A name, truncated to a number of characters.
func shortened(_ text: String, to limit: Int) -> String {
  let scalars = text.unicodeScalars
  guard scalars.count > limit else { return text }
  return String(String.UnicodeScalarView(scalars.prefix(limit - 1))) + "…"
}
