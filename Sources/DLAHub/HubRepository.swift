import DLAText

/// A repository on the Hugging Face hub: `user/name`, or `user/name@revision`.
package struct HubRepository: Sendable, Equatable {
  /// For instance `timm/dla34.in1k`.
  package let name: String
  /// A branch, tag or commit.
  package let revision: String

  init(name: String, revision: String = "main") {
    (self.name, self.revision) = (name, revision)
  }

  /// Reads what a user wrote; timm's prefix `hf-hub:` may come first.
  ///
  /// - Throws: `HubError` if it is no name of a repository.
  package init(_ text: String) throws(HubError) {
    let prefix = ["hf-hub:", "hf_hub:"].first(where: text.hasPrefix) ?? ""
    let sides = text.dropFirst(prefix.count)
      .split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = sides[0].split(separator: "/", omittingEmptySubsequences: false)
    let names = parts + sides.dropFirst()
    guard parts.count == 2, names.allSatisfy(Self.isName) else {
      throw HubError(
        .unusableRequest,
        "\"\(printable(text))\" is no repository; user/name or user/name@revision is expected, of "
          + "letters, digits and . _ -")
    }
    self.init(name: String(sides[0]), revision: sides.count > 1 ? String(sides[1]) : "main")
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 96 && text != "." && text != ".."
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || [0x2D, 0x2E, 0x5F].contains($0)
      }
  }

  /// The name of its folder among the downloaded weights.
  package var folderName: String {
    name.replacing("/", with: "--") + (revision == "main" ? "" : "@\(revision)")
  }

  /// The names of weights in a repository, in the order to try them.
  static let weights = ["model.safetensors", "pytorch_model.bin"]

  /// The sources of its weights in the order to try them, and that of `config.json`.
  ///
  /// - Throws: `HubError` if `HF_ENDPOINT` is no address or the token can't be one.
  package func sources(
    _ settings: HubSettings = HubSettings()
  ) throws(HubError) -> (weights: [WeightsSource], configuration: WeightsSource) {
    var weights: [WeightsSource] = []
    for name in Self.weights { weights.append(try source(of: name, settings)) }
    return (weights, try source(of: "config.json", settings))
  }

  /// The source of one file of the repository.
  func source(of file: String, _ settings: HubSettings) throws(HubError) -> WeightsSource {
    let address = try WebAddress(
      "\(settings.endpoint())/\(name)/resolve/\(revision)/\(file)", name: "HF_ENDPOINT")
    var source = WeightsSource(
      publisher: .hub, address: address, suffix: address.fileSuffix, token: try settings.token())
    source.fileName = file
    source.isOffline = settings.isOffline
    return source
  }
}
