import DLASystem
import DLAText

/// A model as the clients of the Hugging Face hub keep it: a folder of weights and `config.json`.
enum HubFolder {
  /// Names of weights, in the order in which timm looks for them.
  private static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
  /// The most bytes of `config.json`; the names of 20,000 classes take 2 MB.
  private static let limit = 1 << 24

  /// The weights that a path means: the file itself, or the one in a folder.
  ///
  /// - Throws: `CheckpointError` with `.unreadable` if a folder holds none.
  static func weights(at path: String) throws(CheckpointError) -> String {
    guard Folder.kind(of: path) == .folder else { return path }
    let folder = path.hasSuffix("/") ? path : path + "/"
    if let name = names.first(where: { Folder.kind(of: folder + $0) == .file }) {
      return folder + name
    }
    throw CheckpointError(
      .unreadable,
      "\(printablePath(path)) is a folder without weights; \(names[0]) or \(names[2]) is expected in "
        + "it, or name a file")
  }

  /// The text of `config.json` beside weights under one of the hub's names; nil if there is none.
  static func configuration(beside weights: String) throws(CheckpointError) -> [UInt8]? {
    let start = weights.utf8.lastIndex(of: UInt8(ascii: "/")).map { weights.utf8.index(after: $0) }
    let name = weights[(start ?? weights.startIndex)...]
    guard names.contains(String(name)) else { return nil }
    let path = weights.dropLast(name.count) + "config.json"
    guard Folder.kind(of: String(path)) == .file else { return nil }
    do {
      return try ByteStream.bytes(ofFile: String(path), upTo: limit)
    } catch {
      throw CheckpointError(.unreadable, error)
    }
  }
}
