import DLAText
import DeepLayerAggregation

/// What is in a file of weights, as two columns.
struct WeightsTable: CustomStringConvertible {
  private let table: Table

  var description: String { table.description }

  init(_ file: CheckpointFile) {
    var rows = [
      ["weights", file.name],
      ["kind", file.format.rawValue],
      ["tensors", "\(file.entries.count), \(Self.types(of: file))"],
    ]
    if let found = try? CheckpointModel(of: file) {
      rows.append([
        "network", "\(found.variant.name), \(counted(found.classes, "class", "classes"))",
      ])
    }
    rows += file.metadata.sorted { $0.key < $1.key }.prefix(Self.maxMetadata)
      .map { [printable($0.key), printable($0.value)] }
    table = Table(rows: rows, alignment: [.left, .left])
  }

  private static let maxMetadata = 16

  /// The types of the elements and how many there are, most numerous first.
  private static func types(of file: CheckpointFile) -> String {
    let counts = Dictionary(grouping: file.entries, by: \.dataType)
      .mapValues { $0.reduce(0) { $0 + $1.count } }
    return counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
  }
}
