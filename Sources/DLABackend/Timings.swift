import DLASystem

/// The measured times of candidates on one hardware configuration: the contents of a file of the
/// cache.
///
/// The file is text: a line that names the format, one that names the hardware, and for each
/// candidate its problem, its algorithm, its detail and its nanoseconds, separated by tabs. A file
/// that is broken or of other hardware is not used, and replaced when something is timed. The worst
/// a file can do is to choose a slow algorithm.
package struct Timings: Sendable {
  /// The lines up to the last tab, as bytes: comparing hostile strings can take quadratic time.
  private var nanoseconds: [[UInt8]: Int] = [:]

  /// Counted up when the lines change, or when kernels change so much that old timings mislead.
  private static let format = "swift-dla tuning 5"
  /// The limit of a file's length; dozens of layers for a hundred batch shapes take a tenth of it.
  package static let maxBytes = 1 << 20
  private static let longest = 1_000_000_000_000
  private static let (tab, newline) = (UInt8(ascii: "\t"), UInt8(ascii: "\n"))

  package init() {}

  /// Reads a file; nil unless every line is as `bytes(hardware:)` writes it.
  ///
  /// `hardware` is the line that the file must be of. The bytes are not trusted.
  package init?(_ file: UnsafeRawBufferPointer, hardware: String, algorithms: Set<String>) {
    guard file.count <= Self.maxBytes, file.last == Self.newline else { return nil }
    let lines = file.dropLast().split(separator: Self.newline, omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0].elementsEqual(Self.format.utf8),
      lines[1].elementsEqual(hardware.utf8)
    else { return nil }
    for line in lines.dropFirst(2) {
      let fields = line.split(separator: Self.tab, omittingEmptySubsequences: false)
      guard fields.count == 4, let value = Self.number(fields[3]),
        algorithms.contains(where: { fields[1].elementsEqual($0.utf8) }),
        nanoseconds.updateValue(value, forKey: Array(line.dropLast(fields[3].count + 1))) == nil
      else { return nil }
    }
  }

  /// The contents of a file: the same for the same timings.
  package func bytes(hardware: String) -> [UInt8] {
    let lines = nanoseconds.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      $0.key + [Self.tab] + Array("\($0.value)".utf8)
    }
    return ([Array(Self.format.utf8), Array(hardware.utf8)] + lines).flatMap { $0 + [Self.newline] }
  }

  /// The seconds of all candidates, in their order; nil if one of them is unknown.
  func seconds(_ candidates: [some TuningCandidate], problem: String) -> [Double]? {
    let found = candidates.compactMap { nanoseconds[Self.key($0, problem)] }
    return found.count == candidates.count ? found.map { Double($0) * 1e-9 } : nil
  }

  /// Stores the seconds of the candidates, to the nanosecond.
  mutating func note(_ seconds: [Double], _ candidates: [some TuningCandidate], problem: String) {
    for (candidate, seconds) in zip(candidates, seconds) {
      nanoseconds[Self.key(candidate, problem)] =
        Int(min(max((seconds * 1e9).rounded(), 1), Double(Self.longest)))
    }
  }

  /// These timings, and those of others where these have none.
  func merged(over others: Timings) -> Timings {
    var result = self
    result.nanoseconds.merge(others.nanoseconds) { own, _ in own }
    return result
  }

  private static func key(_ candidate: some TuningCandidate, _ problem: String) -> [UInt8] {
    Array("\(problem)\t\(candidate.algorithm)\t\(candidate.detail)".utf8)
  }

  /// A number from 1 to `longest`, written as Swift writes it.
  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...13).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
    var result = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      result = result * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return result <= longest ? result : nil
  }
}

/// The timings of one hardware configuration in a cache folder.
struct TimingsFile {
  private let files: CachedFiles
  private let hardware: String
  private let algorithms: Set<String>

  init(_ cache: CacheFolder, hardware: String, algorithms: Set<String>) {
    files = cache.timings
    (self.hardware, self.algorithms) = (hardware, algorithms)
  }

  private var name: String {
    String(Array(hardware.utf8).withUnsafeBytes { xxHash64($0) }, radix: 16)
  }

  /// The stored timings; none if there is no file or it is not whole.
  func read() -> Timings {
    guard let file = files.file(name) else { return Timings() }
    return withExtendedLifetime(file) {
      Timings(file.bytes, hardware: hardware, algorithms: algorithms)
    } ?? Timings()
  }

  /// Stores timings beside those that other processes have stored meanwhile.
  ///
  /// Of two processes that do this at once one may lose its timings, and will measure again.
  func save(_ timings: Timings) {
    let merged = timings.merged(over: read()).bytes(hardware: hardware)
    let bytes = merged.count <= Timings.maxBytes ? merged : timings.bytes(hardware: hardware)
    _ = bytes.withUnsafeBytes { files.save(name, [$0]) }
  }
}
