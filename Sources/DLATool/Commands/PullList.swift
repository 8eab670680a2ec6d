import DLAHub
import DLAText
import DeepLayerAggregation

/// What `dla pull` shows without names: the weights that are kept.
enum PullList {
  /// - Throws: `UsageError` if something is to be fetched at the same time.
  static func print(_ arguments: Arguments) throws {
    guard arguments.positional.isEmpty else {
      throw UsageError("--list fetches nothing; leave out \(arguments.positional[0])")
    }
    for option in ["--source", "--url", "--sha256", "--output", "--force"]
    where arguments.has(option) {
      throw UsageError("\(option) needs a NAME; `dla models` lists them")
    }
    let store = WeightsStore.user
    let rows = Variant.all.map { variant in
      KeptRow(
        model: variant.name,
        files: (store?.entries(of: variant.name) ?? []).map {
          KeptRow.File(publisher: $0.publisher.rawValue, path: $0.path, bytes: $0.bytes)
        })
    }
    try Console.print(
      arguments.has("--json") ? JSON.array(rows) : text(rows, folder: store?.folder))
  }

  private static func text(_ rows: [KeptRow], folder: String?) -> String {
    let lines = rows.flatMap { row in
      row.files.isEmpty
        ? [[row.model, "-", "", ""]]
        : row.files.map { file in
          [
            row.model, file.publisher, "\(PullProgress.megabytes(Double(file.bytes))) MB",
            printable(String(file.path.split(separator: "/").last ?? ""), limit: .max),
          ]
        }
    }
    let table = Table(
      header: ["model", "from", "size", "file"], rows: lines,
      alignment: [.left, .left, .right, .left])
    let place =
      folder.map { "Kept in \(printablePath($0)). " }
      ?? "Nothing is kept: DLA_CACHE is off, or there is no home. "
    return "\(table)\n\n\(place)`dla pull NAME` fetches one, `dla pull all` all."
  }
}

/// One network and its files, the one that is used first.
private struct KeptRow: Encodable {
  struct File: Encodable {
    let publisher: String
    let path: String
    let bytes: Int
  }

  let model: String
  let files: [File]
}
