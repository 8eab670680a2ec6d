/// A source of the weights of one network.
package struct WeightsSource: Sendable {
  package enum Publisher: String, Sendable, CaseIterable {
    /// timm, on the Hugging Face hub.
    case timm
    case paddle
    /// The authors of the networks.
    case original
    /// A repository on the Hugging Face hub that the user named.
    case hub
    /// An address that the user gave.
    case url
  }

  package let publisher: Publisher
  package let address: WebAddress
  /// The extension of the stored file, for instance `.safetensors`.
  package let suffix: String
  /// The name of the file in the folder of its repository; nil if it is stored by the names of network
  /// and publisher.
  var fileName: String?
  /// The expected SHA-256, if it is known before the download.
  package var hash: ExpectedHash?
  /// A bearer token (RFC 6750), sent to the origin of `address` only.
  package var token: String?
  /// The file that another client of the hub has fetched; nil if there is none.
  var cachedFile: String?
  /// True if the environment forbids requests to the server.
  var isOffline = false
  /// True if the server is a Hugging Face hub, whose headers contain size and SHA-256.
  package var isHub: Bool { publisher == .timm || publisher == .hub }

  /// A source at an address that the user gave.
  ///
  /// - Throws: `HubError` if it is not valid.
  package init(url text: String, name: String = "the address") throws(HubError) {
    let address = try WebAddress(text, name: name)
    self.init(publisher: .url, address: address, suffix: address.fileSuffix)
  }

  init(
    publisher: Publisher, address: WebAddress, suffix: String, hash: ExpectedHash? = nil,
    token: String? = nil
  ) {
    (self.publisher, self.address, self.suffix, self.hash) = (publisher, address, suffix, hash)
    self.token = token
  }
}
