import DLASystem

/// The folder of downloaded weights; file names contain network and publisher.
///
/// There is no index: files may be added and removed by hand. Files appear atomically.
package struct WeightsStore: Sendable {
  /// A downloaded file.
  package struct Entry: Sendable {
    package let model: String
    package let publisher: WeightsSource.Publisher
    package let path: String
    package let bytes: Int
  }

  /// The folder, which need not exist.
  package let folder: String

  /// The subfolder `weights` of the user's cache folder; nil if the cache is off or there is no home
  /// folder.
  package static var user: WeightsStore? {
    CacheFolder.user.map { WeightsStore(folder: $0.downloads) }
  }

  package init(folder: String) { self.folder = folder }

  /// The preferred file of a network: timm's, PaddleClas's, the original release's, or the newest of
  /// others.
  package func file(for model: String) -> String? { entries(of: model).first?.path }

  /// All files of a network.
  ///
  /// - Returns: the files in order of preference.
  package func entries(of model: String) -> [Entry] {
    let publishers = WeightsSource.Publisher.allCases
    let found = Folder.files(of: folder).compactMap { file -> (rank: Int, file: Folder.Entry)? in
      guard file.bytes > 0, !Self.isUnfinished(file.name) else { return nil }
      return publishers.firstIndex { publisher in
        let start = "\(model).\(publisher.rawValue)"
        return file.name.hasPrefix(start)
          && [nil, "." as Character, "-"].contains(file.name.dropFirst(start.count).first)
      }.map { ($0, file) }
    }
    let sorted = found.sorted { a, b in
      a.rank != b.rank
        ? a.rank < b.rank
        : a.file.modified != b.file.modified
          ? a.file.modified > b.file.modified : a.file.name < b.file.name
    }
    return sorted.map { rank, file in
      Entry(
        model: model, publisher: publishers[rank], path: "\(folder)/\(file.name)",
        bytes: file.bytes)
    }
  }

  /// The downloaded repositories of the hub with their folders, in the order of their names, and the size of
  /// their files.
  package var repositories: [(name: String, path: String, bytes: Int)] {
    (Folder.contents(of: folder) ?? []).compactMap { entry in
      let files = Folder.files(of: "\(folder)/\(entry.name)")
      guard entry.kind == .folder, entry.name.contains("--"),
        files.contains(where: { HubRepository.weights.contains($0.name) })
      else { return nil }
      return (
        entry.name.replacing("--", with: "/", maxReplacements: 1), "\(folder)/\(entry.name)",
        files.reduce(0) { $0 + $1.bytes }
      )
    }.sorted { $0.name < $1.name }
  }

  /// The path of the file of a source; `model` is the folder of those that have a name in one.
  ///
  /// The name contains a hash of a user's address: another address is another file.
  func path(of model: String, from source: WeightsSource) -> String {
    if let name = source.fileName { return "\(folder)/\(model)/\(name)" }
    let hash =
      source.publisher == .url ? "-" + String(source.address.hash, radix: 16).suffix(8) : ""
    return "\(folder)/\(model).\(source.publisher.rawValue)\(hash)\(source.suffix)"
  }

  /// True if a file belongs to a download in progress.
  private static func isUnfinished(_ name: String) -> Bool {
    [".part", ".part.info", ".lock", ".tmp"].contains(where: name.hasSuffix)
  }
}
