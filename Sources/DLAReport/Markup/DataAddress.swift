#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file as an address, so that a page holds its own images.
///
/// - Parameters:
///   - bytes: the file.
///   - type: its media type, for instance `image/png`.
/// - Returns: a `data:` address.
func dataAddress(_ bytes: [UInt8], type: StaticString) -> String {
  "data:\(type);base64," + Data(bytes).base64EncodedString()
}
