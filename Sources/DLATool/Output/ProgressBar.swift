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
}
