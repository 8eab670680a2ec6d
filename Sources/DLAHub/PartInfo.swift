import DLASystem
import DLAText

/// The properties of a partially downloaded file, stored beside it as text.
///
/// The address is stored as a hash, since addresses may contain passwords.
struct PartInfo: Equatable {
  /// The hash of the address before redirects.
  var address: UInt64
  /// The ETag or date of this version of the file.
  var validator: String?
  var size: Int?
  var hash: ExpectedHash?

  private static let heading = "dla part 1"

  init(address: WebAddress, validator: String? = nil, size: Int? = nil, hash: ExpectedHash? = nil) {
    self.address = address.hash
    (self.validator, self.size, self.hash) = (validator, size, hash)
  }

  /// Reads the file; nil if it is missing or malformed.
  init?(path: String) {
    guard let file = try? MappedFile(path: path), file.bytes.count <= 1 << 14 else { return nil }
    defer { withExtendedLifetime(file) {} }
    var lines = String(decoding: file.bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == Self.heading[...], lines.popLast() == "" else { return nil }
    var values: [Substring: String] = [:]
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, values[parts[0]] == nil, isPlain(String(parts[1])) else { return nil }
      values[parts[0]] = String(parts[1])
    }
    guard let address = values["address"].flatMap({ UInt64($0, radix: 16) }) else { return nil }
    self.address = address
    validator = values["version"]
    size = values["size"].flatMap { Int($0) }
    hash = values["sha256"].flatMap { ExpectedHash($0) }
    // Any difference from the canonical text means that another program wrote it.
    guard size ?? 0 >= 0, text.utf8.elementsEqual(file.bytes) else { return nil }
  }

  /// Writes or replaces the file.
  ///
  /// - Throws: `HubError` if the system refuses.
  func write(to path: String) throws(HubError) {
    do throws(FileError) {
      let file = try ReplacementFile(path: path)
      var failure: FileError?
      var text = text
      text.withUTF8 { bytes in
        do throws(FileError) { try file.append(UnsafeRawBufferPointer(bytes)) } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      try file.commit()
    } catch {
      throw HubError(.file, "\(printablePath(error.path)): \(error.reason)")
    }
  }

  private var text: String {
    var lines = [Self.heading, "address \(String(address, radix: 16))"]
    if let validator { lines.append("version \(validator)") }
    if let size { lines.append("size \(size)") }
    if let hash { lines.append("sha256 \(hash.digits)") }
    return lines.map { "\($0)\n" }.joined()
  }
}
