import DLASystem
import DLAText

/// An address that begins with http or https, checked to mean the same to everybody who reads it.
package struct WebAddress: Sendable, Equatable {
  /// The whole address, as it was given.
  package let text: String
  /// Scheme, host and port, in lower case: whom a secret for this address may be told to.
  package let origin: String
  /// What stands after the host, without query and fragment; empty or from its first slash on.
  package let path: String

  /// Scheme, host and path: without the names, passwords and signatures that others may hold.
  package var shown: String { printable(origin + path, limit: 300) }

  /// The whole address as a number, for names and notes that must not show what it holds.
  package var hash: UInt64 { Array(text.utf8).withUnsafeBytes { xxHash64($0) } }

  /// How the path's last part ends: `.pth`, for instance; empty where it is not short and plain.
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

  /// Checks an address.
  ///
  /// - Parameters:
  ///   - text: the address.
  ///   - name: what an error calls it, for instance `--url` or `HF_ENDPOINT`.
  /// - Throws: `HubError` for another scheme, a missing host, spaces, characters beyond ASCII, and
  ///   what programs read in different ways.
  package init(_ text: String, name: String) throws(HubError) {
    func unusable(_ reason: String) -> HubError {
      HubError(.unusableRequest, "\(name) is \"\(printable(text))\"; \(reason)")
    }
    let lower = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
      throw unusable("an address that begins with https:// or http:// is expected")
    }
    guard text.utf8.count <= 8192,
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
    else {
      throw unusable("spaces, \\ and characters beyond ASCII must be written as % and two digits")
    }
    let rest = text.dropFirst(scheme.utf8.count)
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let host = rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard host.first.map({ $0 != ":" }) ?? false,
      host.allSatisfy({ $0.isLetter || $0.isNumber || "-._:[]".contains($0) })
    else { throw unusable("the name of a host is expected after \(scheme)") }
    self.text = text
    let port = scheme == "https://" ? ":443" : ":80"
    let name = host.lowercased()
    origin = scheme + (name.hasSuffix(port) ? String(name.dropLast(port.utf8.count)) : name)
    path = String(rest[end...].prefix { $0 != "?" && $0 != "#" })
  }
}
