import DLASystem

/// The folder of fetched weights: files whose names tell the network and who published them.
///
/// There is nothing else to it: a file that is removed by hand, or put there, is simply gone or there.
/// Files appear whole. Packed weights and timings of the same user lie in folders of their own.
package struct WeightsStore: Sendable {
  /// One file that is kept.
  package struct Entry: Sendable {
    /// timm's name of the network.
    package let model: String
    /// Who published the weights.
    package let publisher: WeightsSource.Publisher
    /// Where the file is.
    package let path: String
    /// Its length.
    package let bytes: Int
  }

  /// The folder, which need not exist.
  package let folder: String

  /// The folder of the user who runs the program; nil if it is turned off or there is no home.
  ///
  /// It is `weights` in the folder that `DLA_CACHE` names, or in the platform's for caches.
  package static var user: WeightsStore? {
    CacheFolder.user.map { WeightsStore(folder: $0.downloads) }
  }

  /// Keeps weights in a folder.
  ///
  /// - Parameter folder: where the files are; it is made with the first.
  package init(folder: String) { self.folder = folder }

  /// The file to use for a network: timm's before PaddleClas's, the original release's and others,
  /// and of several from elsewhere the newest.
  ///
  /// - Parameter model: timm's name.
  /// - Returns: its path, nil if none is kept.
  package func file(for model: String) -> String? { entries(of: model).first?.path }

  /// All files of a network.
  ///
  /// - Parameter model: timm's name.
  /// - Returns: the files, the one to use first.
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

  /// Where the file from a source is, or will be.
  ///
  /// The name of a file from a given address holds a hash of it: another address is another file.
  func path(of model: String, from source: WeightsSource) -> String {
    let hash =
      source.publisher == .url ? "-" + String(source.address.hash, radix: 16).suffix(8) : ""
    return "\(folder)/\(model).\(source.publisher.rawValue)\(hash)\(source.suffix)"
  }

  /// Whether a file is still being fetched, or belongs to the fetching.
  private static func isUnfinished(_ name: String) -> Bool {
    [".part", ".part.info", ".lock", ".tmp"].contains(where: name.hasSuffix)
  }
}
