/// Text in aligned columns.
struct Table: CustomStringConvertible {
  enum Alignment { case left, right }

  var header: [String]?
  var rows: [[String]]
  /// One for each column.
  var alignment: [Alignment]

  /// The columns two spaces apart, every line without trailing spaces.
  var description: String {
    let widths = self.widths
    return all.map { row in
      let cells = row.indices.map { pad(row[$0], to: widths[$0], alignment[$0]) }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// The same as a Markdown table, for documents.
  var markdown: String {
    let widths = self.widths
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    var lines = all.map { row in
      line(row.indices.map { pad(row[$0], to: widths[$0], alignment[$0]) })
    }
    let rule = alignment.indices.map { column in
      let dashes = String(repeating: "-", count: max(3, widths[column]) - 1)
      return alignment[column] == .right ? dashes + ":" : dashes + "-"
    }
    if header != nil { lines.insert(line(rule), at: 1) }
    return lines.joined(separator: "\n")
  }

  private var all: [[String]] { (header.map { [$0] } ?? []) + rows }

  private var widths: [Int] {
    alignment.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  }

  private func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
    let spaces = String(repeating: " ", count: max(0, width - text.count))
    return alignment == .left ? text + spaces : spaces + text
  }
}
