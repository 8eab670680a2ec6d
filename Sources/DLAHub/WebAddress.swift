import DLASystem
import DLAText

/// An http or https URL, restricted to forms that all programs parse alike.
package struct WebAddress: Sendable, Equatable {
  package let text: String
  /// Scheme, host and port in lower case: the scope of a token.
  package let origin: String
  /// The path without query and fragment; may be empty.
  package let path: String

  /// Scheme, host and path: the parts without passwords and signatures.
  package var shown: String { printable(origin + path, limit: 300) }

  /// A hash of the URL, for file names and notes that must not reveal it.
  package var hash: UInt64 { Array(text.utf8).withUnsafeBytes { xxHash64($0) } }

  /// The extension of the path, for instance `.pth`; empty if it is not short and alphanumeric.
  package var fileSuffix: String {
    guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: ".") else {
      return ""
    }
    let suffix = name[dot...]
    guard (2...12).contains(suffix.utf8.count),
      suffix.dropFirst().allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
    else { return "" }
    return suffix.lowercased()
  }

  /// Parses a URL that errors call `name`, for instance `HF_ENDPOINT`.
  ///
  /// - Throws: `HubError` for another scheme, a missing host, spaces, characters beyond ASCII, and
  ///   forms that programs parse in different ways.
  package init(_ text: String, name: String) throws(HubError) {
    func unusable(_ reason: String) -> HubError {
      HubError(.unusableRequest, "\(name) is \"\(printable(text))\"; \(reason)")
    }
    let lower = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
      throw unusable("an address that starts with https:// or http:// is expected")
    }
    guard text.utf8.count <= 8192,
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw unusable("spaces, \\ and characters beyond ASCII must be percent-encoded") }
    let rest = text.dropFirst(scheme.utf8.count)
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let host = rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard host.first.map({ $0 != ":" }) ?? false,
      host.allSatisfy({ $0.isLetter || $0.isNumber || "-._:[]".contains($0) })
    else { throw unusable("a host name is expected after \(scheme)") }
    self.text = text
    let port = scheme == "https://" ? ":443" : ":80"
    let name = host.lowercased()
    origin = scheme + (name.hasSuffix(port) ? String(name.dropLast(port.utf8.count)) : name)
    path = String(rest[end...].prefix { $0 != "?" && $0 != "#" })
  }

  /// The target of a redirect.
  ///
  /// - Throws: `HubError` if it is no http or https URL, or leads from https to http.
  package func redirected(to target: String) throws(HubError) -> WebAddress {
    let address = try WebAddress(target, name: "the redirect of \(shown)")
    guard !origin.hasPrefix("https://") || address.origin.hasPrefix("https://") else {
      throw HubError(
        .refused,
        "\(shown): redirects from https to http, to \(address.shown); the file would not be protected "
          + "against changes on its way")
    }
    return address
  }
}
