import DLASystem

/// Which way of computing each product was the fastest on one device: the content of a file.
///
/// The file is text: a line that names the format, one that names the device, and for each product its
/// shape and the choice, with a tab between. What is broken or of another device is
/// not used; the worst that a file can do is to choose a slow way, since choices are looked up among
/// those that are possible.
package struct CUDATimings {
  /// A folder of such files.
  package struct Cache: Sendable {
    private let files: CacheFolder

    /// Keeps timings in a folder.
    ///
    /// - Parameter folder: where `cuda` is made with the first file.
    package init(folder: String) {
      files = CacheFolder(
        path: "\(folder)/cuda", suffix: ".timings", limit: 16 * CUDATimings.maxBytes)
    }

    func timings(of device: String) -> CUDATimings {
      guard let file = files.file(Self.name(device)) else { return CUDATimings() }
      return withExtendedLifetime(file) { CUDATimings(file.bytes, device: device) }
        ?? CUDATimings()
    }

    /// Keeps timings beside those that others have kept meanwhile.
    func save(_ timings: CUDATimings, of device: String) {
      let merged = timings.merged(over: self.timings(of: device)).bytes(device: device)
      let bytes =
        merged.count <= CUDATimings.maxBytes ? merged : timings.bytes(device: device)
      _ = bytes.withUnsafeBytes { files.save(Self.name(device), [$0]) }
    }

    private static func name(_ device: String) -> String {
      String(Array(device.utf8).withUnsafeBytes { xxHash64($0) }, radix: 16)
    }
  }

  private var choices: [String: String] = [:]

  /// Counted up when the lines change, or kernels do so much that old timings mislead.
  private static let format = "swift-dla cuda timings 1"
  private static let maxBytes = 1 << 20

  /// Nothing was timed.
  init() {}

  /// The timings in a file; nil unless every line is as `bytes(device:)` writes it.
  package init?(_ file: UnsafeRawBufferPointer, device: String) {
    guard file.count <= Self.maxBytes, file.allSatisfy({ $0 < 0x80 }) else { return nil }
    let text = String(decoding: file, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3, lines[0] == Self.format, lines[1] == device,
      lines[lines.count - 1] == ""
    else { return nil }
    for line in lines.dropFirst(2).dropLast() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 2,
        choices.updateValue(String(fields[1]), forKey: String(fields[0])) == nil
      else { return nil }
    }
  }

  /// What a file holds: the same for the same timings.
  func bytes(device: String) -> [UInt8] {
    let lines = choices.sorted { $0.key < $1.key }.map {
      "\($0.key)\t\($0.value)\n"
    }
    return Array(([Self.format, device].map { "\($0)\n" } + lines).joined().utf8)
  }

  /// The choice for a product; nil if it was not timed.
  func choice(for product: String) -> String? { choices[product] }

  mutating func note(_ choice: String, for product: String) { choices[product] = choice }

  private func merged(over others: CUDATimings) -> CUDATimings {
    var result = self
    result.choices.merge(others.choices) { own, _ in own }
    return result
  }
}
