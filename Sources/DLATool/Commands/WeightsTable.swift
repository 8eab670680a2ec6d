import DLAText
import DeepLayerAggregation

/// The contents of a file of weights, as two columns.
struct WeightsTable: CustomStringConvertible {
  private let table: Table

  var description: String { table.description }

  init(_ file: CheckpointFile, _ found: Result<CheckpointModel, any Error>) {
    var rows = [
      ["weights", file.name],
      ["format", file.format.rawValue],
      ["tensors", "\(file.entries.count), \(Self.types(of: file))"],
    ]
    switch found {
    case .success(let found):
      let channels = counted(found.inChannels, "input channel")
      rows.append([
        "network",
        "\(found.variant.name), \(counted(found.classes, "class", "classes")), \(channels)",
      ])
      for part in [found.part] + found.alternatives
      where !found.part.name.isEmpty
        || !found.alternatives.isEmpty
      { rows.append([rows.last?[0] == "part" ? "" : "part", part.title]) }
      let left = found.part.leftOver(besides: found.graph.tensors, and: found.alternatives)
      if !left.isEmpty { rows.append(["other tensors", "\(left.count): \(summary(of: left))"]) }
    case .failure(let error):
      rows.append(["network", "\(error)".replacing("\(file.name): ", with: "")])
    }
    rows += ((try? file.describingMetadata()) ?? file.metadata).sorted { $0.key < $1.key }.prefix(
      Self.maxMetadata
    )
    .map { [printable($0.key), Self.text($0.value)] }
    table = Table(rows: rows, alignment: [.left, .left])
  }

  private static let maxMetadata = 16
  /// Columns of a value.
  private static let maxText = 100

  /// A value on one line: its lines, such as class names, separated by commas, and how many there are
  /// if they are cut.
  private static func text(_ value: String) -> String {
    let lines = value.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
      .map { String(decoding: $0, as: UTF8.self) }
    let text = lines.joined(separator: ", ")
    let isCut = text.unicodeScalars.count > maxText
    return printable(text, limit: maxText)
      + (isCut && lines.count > 1 ? " (\(grouped(lines.count)))" : "")
  }

  /// Element counts by type, most numerous first.
  private static func types(of file: CheckpointFile) -> String {
    let counts = Dictionary(grouping: file.entries, by: \.dataType)
      .mapValues { $0.reduce(0) { $0 + $1.count } }
    return counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
  }
}
