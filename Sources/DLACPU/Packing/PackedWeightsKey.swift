/// What packed weights consist of, and the header of the file that holds them.
///
/// A file is a page with the words of `header`, then the floats: both as this machine has them, so a
/// machine of the other byte order finds a header that is not its own.
struct PackedWeightsKey: Equatable {
  /// The hash of the weights' content.
  let weights: UInt64
  /// The fingerprint of the order they are packed in.
  let packing: UInt64
  /// How many floats they are.
  let floats: Int

  /// Counted up when the header, the folding of batch norms or the meaning of `packing` changes.
  private static let version: UInt64 = 1
  /// `DLApackd`, read as a number.
  private static let magic: UInt64 = 0x444C_4170_6163_6B64
  /// A page, so that the floats are aligned as those in memory are.
  private static let headerBytes = 4096

  /// The name of the file, without what all names end in.
  var name: String { "\(Self.digits(weights))-\(Self.digits(packing))" }

  /// The first page of the file.
  var header: [UInt64] {
    let words = [Self.magic, Self.version, weights, packing, UInt64(floats)]
    return words + Array(repeating: 0, count: Self.headerBytes / 8 - words.count)
  }

  /// The floats of a file.
  ///
  /// - Parameter file: all bytes of it, from the start of a page.
  /// - Returns: the first float, nil unless the file has exactly this header and length.
  func floats(in file: UnsafeRawBufferPointer) -> UnsafePointer<Float>? {
    guard let start = file.baseAddress,
      file.count == Self.headerBytes + floats * MemoryLayout<Float>.size,
      header.withUnsafeBytes({ $0.elementsEqual(file.prefix(Self.headerBytes)) })
    else { return nil }
    return (start + Self.headerBytes).bindMemory(to: Float.self, capacity: floats)
  }

  private static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension PackedWeightsCache {
  /// Finds packed weights.
  ///
  /// - Parameter key: what they must be.
  /// - Returns: the weights in a mapped file, nil if there are none or the file is another.
  func weights(for key: PackedWeightsKey) -> PackedWeights? {
    guard let file = files.file(key.name), let base = key.floats(in: file.bytes) else { return nil }
    files.touch(key.name)
    return PackedWeights(base, in: file)
  }

  /// Keeps packed weights, if the system lets us.
  ///
  /// - Returns: whether they are kept.
  @discardableResult
  func save(_ weights: AlignedFloats, for key: PackedWeightsKey) -> Bool {
    precondition(weights.count == key.floats, "\(weights.count) floats, not \(key.floats)")
    let floats = UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: weights.base, count: key.floats))
    return key.header.withUnsafeBytes { files.save(key.name, [$0, floats]) }
  }
}
