import DLASystem
import DLAText

/// The settings of the Hugging Face hub's clients, from the variables that `huggingface_hub` reads.
///
/// An empty variable counts as not set. A `~` at the start of a path is `HOME`.
/// Source: `huggingface_hub`, `constants.py`, `utils/_auth.py` and `file_download.py`.
package struct HubSettings {
  private let variable: (String) -> String?

  package init(_ variable: @escaping (String) -> String? = Platform.environment) {
    self.variable = variable
  }

  /// True if nothing may be requested from the hub: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`.
  var isOffline: Bool {
    let value = value("HF_HUB_OFFLINE") ?? value("TRANSFORMERS_OFFLINE")
    return ["1", "ON", "YES", "TRUE"].contains(value?.uppercased())
  }

  /// The folder of cached repositories; nil if there is no home folder.
  ///
  /// `HF_HUB_CACHE` names it; otherwise it is `hub` in `HF_HOME`, by default `huggingface` in
  /// `XDG_CACHE_HOME` or in the home's `.cache`.
  package var cache: String? {
    path("HF_HUB_CACHE") ?? path("HUGGINGFACE_HUB_CACHE") ?? home.map { "\($0)/hub" }
  }

  /// The weights of a network of timm in the cache; nil if it has none.
  package func cachedFile(of model: String) -> String? {
    cachedFile(of: HubRepository(name: "timm/\(model).in1k"))
  }

  /// The weights of a repository in the cache: of the commit that its revision was when it was
  /// fetched.
  ///
  /// - Returns: the path of a non-empty file; nil if the cache has none.
  package func cachedFile(of repository: HubRepository) -> String? {
    guard let cache else { return nil }
    let folder = "\(cache)/models--\(repository.name.replacing("/", with: "--"))"
    let reference = "\(folder)/refs/\(repository.revision)"
    let bytes = try? ByteStream.bytes(ofFile: reference, upTo: 256)
    // A revision that no reference names may be a commit itself.
    let commit = bytes.map { trimmed(String(decoding: $0, as: UTF8.self)) } ?? repository.revision
    // A name of a folder, not a path that leads elsewhere.
    guard !commit.isEmpty, commit.allSatisfy({ $0.isHexDigit }) else { return nil }
    return HubRepository.weights.map { "\(folder)/snapshots/\(commit)/\($0)" }
      .first(where: isFilled)
  }

  /// The address of the hub without a slash at its end.
  ///
  /// - Throws: `HubError` if `HF_ENDPOINT` is no address.
  func endpoint() throws(HubError) -> String {
    var endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
    _ = try WebAddress(endpoint, name: "HF_ENDPOINT")
    guard !endpoint.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") })
    else {
      throw HubError(
        .unusableRequest,
        "HF_ENDPOINT is \(printablePath(endpoint)); an address without ? and # is expected")
    }
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    return endpoint
  }

  /// The token of `HF_TOKEN`, else of the file `HF_TOKEN_PATH`, by default `token` in `HF_HOME`.
  ///
  /// - Throws: `HubError` if the file can't be read, or the token has unusual characters.
  func token() throws(HubError) -> String? {
    if let token = value("HF_TOKEN") ?? value("HUGGING_FACE_HUB_TOKEN") {
      return try usable(token, from: "HF_TOKEN")
    }
    guard let path = path("HF_TOKEN_PATH") ?? home.map({ "\($0)/token" }),
      Folder.kind(of: path) != nil
    else { return nil }
    let bytes: [UInt8]
    do {
      bytes = try ByteStream.bytes(ofFile: path, upTo: 1 << 16)
    } catch {
      throw HubError(.unusableRequest, "the hub's token: \(error)")
    }
    let token = trimmed(String(decoding: bytes, as: UTF8.self))
    return token.isEmpty ? nil : try usable(token, from: printablePath(path))
  }

  private func usable(_ token: String, from place: String) throws(HubError) -> String {
    // The token is not shown: messages end up in logs.
    guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw HubError(
        .unusableRequest, "\(place) contains characters that are not allowed in a token")
    }
    return token
  }

  private var home: String? {
    path("HF_HOME")
      ?? (path("XDG_CACHE_HOME") ?? value("HOME").map { "\($0)/.cache" })
      .map { "\($0)/huggingface" }
  }

  private func value(_ name: String) -> String? {
    variable(name).map(trimmed).flatMap { $0.isEmpty ? nil : $0 }
  }

  private func path(_ name: String) -> String? {
    guard let path = value(name) else { return nil }
    guard path == "~" || path.hasPrefix("~/"), let home = value("HOME") else { return path }
    return home + path.dropFirst()
  }

  private func trimmed(_ text: String) -> String {
    let rest = text.drop { $0.isWhitespace }
    return String(rest.reversed().drop { $0.isWhitespace }.reversed())
  }
}
