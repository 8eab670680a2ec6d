import DLASystem

/// The packed weights of a plan, in memory of their own or in a mapped file of the cache.
struct PackedWeights: Sendable {
  // Immutable memory that `owner` keeps alive.
  nonisolated(unsafe) let base: UnsafePointer<Float>
  private let owner: any AnyObject & Sendable

  init(_ memory: AlignedFloats) {
    base = UnsafePointer(memory.base)
    owner = memory
  }

  /// - Precondition: `base` lies in the bytes of `file`.
  fileprivate init(_ base: UnsafePointer<Float>, in file: MappedFile) {
    self.base = base
    owner = file
  }
}

/// A file of packed weights in the cache: its key, and its header.
///
/// A file belongs to one content of a weights file, one order of packing, one instruction set and
/// one version of the format; a file that does not match exactly is replaced. It consists of a page
/// with the words of `header`, then the floats, in the byte order of the hardware: hardware of the
/// other byte order finds a header that does not match.
struct PackedWeightsFile: Equatable {
  let weights: UInt64
  /// The fingerprint of the order they are packed in.
  let packing: UInt64
  /// The number of floats.
  let floats: Int

  /// Counted up when the header, the folding of batch norms or the meaning of `packing` changes.
  private static let version: UInt64 = 1
  /// `DLApackd`, read as a number.
  private static let magic: UInt64 = 0x444C_4170_6163_6B64
  /// A page, so that the floats are aligned as those in memory are.
  private static let headerBytes = 4096

  private var name: String { "\(Self.digits(weights))-\(Self.digits(packing))" }

  /// The first page of the file.
  private var header: [UInt64] {
    let words = [Self.magic, Self.version, weights, packing, UInt64(floats)]
    return words + Array(repeating: 0, count: Self.headerBytes / 8 - words.count)
  }

  /// Maps the file.
  ///
  /// - Returns: the weights; nil if there is no file with exactly this header and length.
  func find(in files: CachedFiles) -> PackedWeights? {
    guard let file = files.file(name), let base = floats(in: file.bytes) else { return nil }
    files.touch(name)
    return PackedWeights(base, in: file)
  }

  /// Writes the file, if the system permits.
  func save(_ weights: AlignedFloats, in files: CachedFiles) {
    precondition(weights.count == floats, "\(weights.count) floats, not \(floats)")
    let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(start: weights.base, count: floats))
    header.withUnsafeBytes { _ = files.save(name, [$0, bytes]) }
  }

  private func floats(in file: UnsafeRawBufferPointer) -> UnsafePointer<Float>? {
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
