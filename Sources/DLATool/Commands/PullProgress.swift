import DLAHub
import DLAText

/// One line that tells how far a download is.
enum PullProgress {
  /// For instance `dla34 from timm  [#####-----]  43%  27.1 of 63.0 MB  12.3 MB/s  3 s left`.
  ///
  /// - Parameters:
  ///   - name: what is fetched, and from where.
  ///   - progress: how far it is; what is not known is left out.
  /// - Returns: the line.
  static func line(_ name: String, _ progress: TransferRate.Progress) -> String {
    var parts = [name]
    if let total = progress.total, total > 0 {
      parts.append(ProgressBar.bar(Double(progress.received) / Double(total)))
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
}
