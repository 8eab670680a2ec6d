/// A place from where the weights of one network can be fetched.
package struct WeightsSource: Sendable {
  /// Who published the weights.
  package enum Publisher: String, Sendable, CaseIterable {
    /// timm, on the Hugging Face hub.
    case timm
    /// PaddleClas.
    case paddle
    /// The authors of the networks.
    case original
    /// Whoever stands behind an address that a person gave.
    case url
  }

  /// Who published the weights.
  package let publisher: Publisher
  /// Where the file is.
  package let address: WebAddress
  /// How the kept file's name ends: `.safetensors`, for instance.
  package let suffix: String
  /// What the file's SHA-256 must be, where it is known before anything is fetched.
  package var hash: ExpectedHash?
  /// Told to the host of `address` and to nobody else, as a bearer token (RFC 6750).
  package var token: String?
  /// Whether the server is a Hugging Face hub, whose headers tell size and SHA-256.
  package var isHub: Bool { publisher == .timm }

  /// Any address.
  ///
  /// - Parameter text: an address that begins with http or https.
  /// - Throws: `HubError` if it is none.
  package init(url text: String) throws(HubError) {
    let address = try WebAddress(text, name: "--url")
    self.init(publisher: .url, address: address, suffix: address.fileSuffix)
  }

  init(
    publisher: Publisher, address: WebAddress, suffix: String, hash: ExpectedHash? = nil,
    token: String? = nil
  ) {
    self.publisher = publisher
    self.address = address
    self.suffix = suffix
    self.hash = hash
    self.token = token
  }
}
