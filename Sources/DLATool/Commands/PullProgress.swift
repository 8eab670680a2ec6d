import DLAHub

/// One line that tells how far a download is.
enum PullProgress {
  private static let width = 20

  /// For instance `dla34 from timm  [#####-----]  43%  27.1 of 63.0 MB  12.3 MB/s  3 s left`.
  ///
  /// - Parameters:
  ///   - name: what is fetched, and from where.
  ///   - progress: how far it is; what is not known is left out.
  /// - Returns: the line.
  static func line(_ name: String, _ progress: TransferRate.Progress) -> String {
    var parts = [name]
    if let total = progress.total, total > 0 {
      let share = min(1, Double(progress.received) / Double(total))
      let filled = Int(share * Double(width))
      let bar =
        String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
      let percent = "\(Int(share * 100))%"
      parts.append("[\(bar)]  \(String(repeating: " ", count: 4 - percent.count))\(percent)")
      parts.append("\(megabytes(Double(progress.received))) of \(megabytes(Double(total))) MB")
    } else {
      parts.append("\(megabytes(Double(progress.received))) MB")
    }
    if let rate = progress.bytesPerSecond { parts.append("\(megabytes(rate)) MB/s") }
    if let seconds = progress.secondsLeft { parts.append("\(duration(seconds)) left") }
    return parts.joined(separator: "  ")
  }

  /// Units of a million bytes, as those who sell connections count.
  static func megabytes(_ bytes: Double) -> String { fixed(bytes * 1e-6, 1) }

  private static func duration(_ seconds: Double) -> String {
    guard seconds < 360_000 else { return "days" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
