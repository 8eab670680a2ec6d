/// A polyline with gaps.
struct Curve {
  /// A point in pixels; nil leaves a gap.
  typealias Place = (x: Double, y: Double)?

  /// The points after reduction.
  let places: [Place]

  /// Creates a polyline from a reduced number of points.
  ///
  /// Of many points, the lowest and the highest of each column are kept, so that outliers stay
  /// visible; gaps within a column become one gap behind it. Points go from left to right; `y` is
  /// nil in a gap. The width is in pixels.
  init(_ points: [(x: Double, y: Double?)], width: Double, columns: Int) {
    guard points.count > 2 * columns else {
      places = points.map { point in point.y.map { (point.x, $0) } }
      return
    }
    var thinned: [Place] = []
    var rest = points[...]
    func column(_ x: Double) -> Int { Int(max(0, min(1, x / width)) * Double(columns)) }
    while let first = rest.first {
      let count = rest.firstIndex { column($0.x) != column(first.x) } ?? rest.endIndex
      let members = rest[..<count]
      rest = rest[count...]
      let drawn = members.compactMap { point in point.y.map { (x: point.x, y: $0) } }
      if let low = drawn.min(by: { $0.y < $1.y }), let high = drawn.max(by: { $0.y < $1.y }) {
        thinned += low.x <= high.x ? [low, high] : [high, low]
      }
      if drawn.count < members.count { thinned.append(nil) }
    }
    places = thinned
  }

  /// The line as the commands of an SVG path.
  var path: String {
    var commands = ""
    for (place, point) in places.enumerated() {
      guard let point else { continue }
      let isFirst = place == 0 || places[place - 1] == nil
      commands += "\(isFirst ? "M" : "L")\(pixels(point.x)) \(pixels(point.y))"
      // A single point is a line without length, drawn as a dot by round line ends.
      let isLast = place + 1 == places.count || places[place + 1] == nil
      if isFirst, isLast { commands += "h0" }
    }
    return commands
  }

  /// A dot for each point, as the commands of an SVG path.
  var dots: String {
    places.compactMap { $0 }.map { "M\(pixels($0.x)) \(pixels($0.y))h0" }.joined()
  }
}
