/// The parts that progress lines are made of.
enum ProgressBar {
  private static let width = 20

  /// For instance `[#########...........]   43%`.
  ///
  /// - Parameter share: how much is done, 0 to 1.
  /// - Returns: a bar of a fixed width.
  static func bar(_ share: Double) -> String {
    let share = min(1, max(0, share))
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let percent = "\(Int(share * 100))%"
    return "[\(bar)]  \(String(repeating: " ", count: 4 - percent.count))\(percent)"
  }

  /// For instance `3 min 20 s`.
  ///
  /// - Parameter seconds: how long.
  /// - Returns: the two largest units.
  static func duration(_ seconds: Double) -> String {
    guard seconds < 360_000 else { return "days" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
