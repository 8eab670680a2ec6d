import DLAText

/// No network has the name that was given.
public struct UnknownModelError: Error, CustomStringConvertible {
  /// The name that was given.
  public let name: String
  /// Names that exist, nearest first.
  public let suggestions: [String]

  /// One line: what was given, what is nearest, how to see all.
  public var description: String {
    "no model is named \"\(name)\"; did you mean \(suggestions.joined(separator: " or "))? "
      + "`dla models` lists all \(Variant.all.count)"
  }
}

extension Variant {
  /// Finds a network by its name in timm's or PaddleClas's spelling, in any case.
  ///
  /// - Parameter name: for instance `dla34`, `DLA60x_c`, `timm/dla102.in1k`.
  /// - Returns: the network.
  /// - Throws: `UnknownModelError` with the nearest names.
  public static func named(_ name: String) throws(UnknownModelError) -> Variant {
    let key = canonical(name)
    if let variant = all.first(where: { canonical($0.name) == key }) { return variant }
    let nearest = all.map(\.name).enumerated()
      .map { (distance: editDistance(key, canonical($1)), order: $0, name: $1) }
      .sorted { ($0.distance, $0.order) < ($1.distance, $1.order) }
    throw UnknownModelError(name: name, suggestions: nearest.prefix(2).map(\.name))
  }

  private static func canonical(_ name: String) -> String {
    var name = name.lowercased()
    if name.hasPrefix("timm/") { name.removeFirst("timm/".count) }
    if name.hasSuffix(".in1k") { name.removeLast(".in1k".count) }
    return name.filter { $0 != "_" && $0 != "-" }
  }
}
