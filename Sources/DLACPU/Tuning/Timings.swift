import DLABackend

/// What contenders took on one machine: the content of a file of the tuning cache.
///
/// The file is text: a line that names the format, one that names the machine, and for each contender
/// the shape of its problem, its algorithm, how it is cut and its nanoseconds, with tabs between.
struct Timings: Sendable {
  /// The lines up to the last tab, as bytes, since comparing strings of strangers can take long.
  private var nanoseconds: [[UInt8]: Int] = [:]

  /// Counted up when the lines change, or kernels do so much that old timings mislead.
  private static let format = "swift-dla tuning 4"
  /// A file has less; its dozens of layers for a hundred batch shapes take a tenth of this.
  static let maxBytes = 1 << 20
  private static let longest = 1_000_000_000_000
  private static let (tab, newline) = (UInt8(ascii: "\t"), UInt8(ascii: "\n"))

  /// Nothing was timed.
  init() {}

  /// The timings in a file; nil unless every line is as `bytes(machine:)` writes it.
  ///
  /// - Parameters:
  ///   - file: all of its bytes; anything may be in them.
  ///   - machine: the machine they must be of.
  init?(_ file: UnsafeRawBufferPointer, machine: String) {
    guard file.count <= Self.maxBytes, file.last == Self.newline else { return nil }
    let lines = file.dropLast().split(separator: Self.newline, omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0].elementsEqual(Self.format.utf8),
      lines[1].elementsEqual(machine.utf8)
    else { return nil }
    for line in lines.dropFirst(2) {
      let fields = line.split(separator: Self.tab, omittingEmptySubsequences: false)
      guard fields.count == 4, let value = Self.number(fields[3]),
        ConvolutionAlgorithm.all.contains(where: { fields[1].elementsEqual($0.name.utf8) }),
        nanoseconds.updateValue(value, forKey: Array(line.dropLast(fields[3].count + 1))) == nil
      else { return nil }
    }
  }

  /// What a file holds: the same for the same timings.
  func bytes(machine: String) -> [UInt8] {
    let lines = nanoseconds.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      $0.key + [Self.tab] + Array("\($0.value)".utf8)
    }
    return ([Array(Self.format.utf8), Array(machine.utf8)] + lines).flatMap {
      $0 + [Self.newline]
    }
  }

  /// The seconds of all contenders, in their order; nil if one of them is unknown.
  func seconds(_ trial: Trial) -> [Double]? {
    let found = trial.contenders.compactMap { nanoseconds[Self.key($0, trial)] }
    return found.count == trial.contenders.count ? found.map { Double($0) * 1e-9 } : nil
  }

  /// Notes what the contenders took, to the nanosecond.
  mutating func note(_ seconds: [Double], _ trial: Trial) {
    for (contender, seconds) in zip(trial.contenders, seconds) {
      nanoseconds[Self.key(contender, trial)] =
        Int(min(max((seconds * 1e9).rounded(), 1), Double(Self.longest)))
    }
  }

  /// These timings and those of others, whose word counts less.
  func merged(over others: Timings) -> Timings {
    var result = self
    result.nanoseconds.merge(others.nanoseconds) { own, _ in own }
    return result
  }

  private static func key(_ contender: Contender, _ trial: Trial) -> [UInt8] {
    Array("\(trial.problem.shape)\t\(contender.algorithm)\t\(contender.detail)".utf8)
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

extension ConvolutionProblem {
  /// All numbers that the time of a candidate follows from on one machine.
  fileprivate var shape: String {
    let (from, to) = (source.geometry, destination.geometry)
    let shortcutBorder = shortcut?.geometry.border ?? -1
    return [
      to.images, convolution.inChannels, convolution.outChannels, convolution.kernelSize,
      convolution.stride, convolution.groups, from.images, from.size.height, from.size.width,
      from.border, from.pixel, source.channelBlocks.count, to.border,
      destination.channelBlocks.count,
      shortcutBorder,
    ].map(String.init).joined(separator: " ")
  }
}

extension TuningCache {
  /// What is known of a machine; nothing if there is no file or it is not whole.
  func timings(of machine: TuningMachine) -> Timings {
    files.file(machine.name).flatMap { Timings($0.bytes, machine: machine.description) }
      ?? Timings()
  }

  /// Keeps timings beside those that others have kept meanwhile, if the system lets us.
  ///
  /// Of two processes that do this at once one may lose what it timed, and will time it again.
  func save(_ timings: Timings, of machine: TuningMachine) {
    let merged = timings.merged(over: self.timings(of: machine))
      .bytes(machine: machine.description)
    let bytes =
      merged.count <= Timings.maxBytes
      ? merged : timings.bytes(machine: machine.description)
    _ = bytes.withUnsafeBytes { files.save(machine.name, [$0]) }
  }
}
