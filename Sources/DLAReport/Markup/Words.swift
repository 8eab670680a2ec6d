import DLAData
import DLAText

/// A space at which no line ends.
private let fixedSpace = "\u{A0}"

/// A share of 0 to 1 in per cent, for instance `74.57 %`; a dash where there is none.
func percent(_ share: Double?, decimals: Int = 1) -> String {
  share.map { fixed($0 * 100, decimals) + fixedSpace + "%" } ?? "–"
}

/// The 95% interval of a share that was counted, in per cent, for instance `73.7 to 75.4`.
func interval(_ count: Int, of total: Int, decimals: Int = 1) -> String {
  let interval = wilsonInterval(count, of: total)
  return "\(fixed(interval.lowerBound * 100, decimals)) to "
    + fixed(interval.upperBound * 100, decimals)
}

/// A name that comes from a file, kept apart from the direction in which its neighbours are written.
func name(_ text: String, limit: Int = 120) -> Markup {
  element("bdi") { Markup.text(text, limit: limit) }
}

/// A name, cut where there is little room.
func shortened(_ text: String, to limit: Int) -> String {
  let scalars = text.unicodeScalars
  guard scalars.count > limit else { return text }
  return String(String.UnicodeScalarView(scalars.prefix(limit - 1))) + "…"
}
