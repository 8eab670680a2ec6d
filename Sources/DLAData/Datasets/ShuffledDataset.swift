import DLATensor

/// Samples with random access.
protocol SampleIndex: Sendable {
  var count: Int { get }

  /// The sample at an index below `count`, or the reason why there is none.
  func sample(at place: Int) -> Result<Sample, SampleError>
}

/// Samples in an order that follows from a seed alone; keeps 4 bytes a sample for it.
struct ShuffledDataset<Index: SampleIndex>: Dataset {
  let summary: String
  let fingerprint: UInt64
  private let index: Index
  private let order: [UInt32]

  init(_ index: Index, summary: String, fingerprint: UInt64, seed: UInt64) {
    self.index = index
    // Multiplied by an odd number, so that no two seeds have one.
    self.fingerprint = fingerprint ^ (seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    self.summary = summary
    order = shuffledOrder(of: index.count, seed: seed)
  }

  var count: Int? { order.count }

  func reader() -> any SampleReader { Reader(index: index, order: order[...]) }

  func shuffled(seed: UInt64) -> any Dataset {
    ShuffledDataset(index, summary: summary, fingerprint: fingerprint, seed: seed)
  }

  private struct Reader: SampleReader {
    let index: Index
    var order: ArraySlice<UInt32>

    mutating func next() -> Result<Sample, SampleError>? {
      order.popFirst().map { index.sample(at: Int($0)) }
    }

    mutating func skip(_ count: Int) { order = order.dropFirst(count) }
  }
}

/// The numbers from 0 to `count` in an order that follows from a seed alone.
func shuffledOrder(of count: Int, seed: UInt64) -> [UInt32] {
  var random = KeyedRandom(key: "shuffle/\(seed)")
  return random.nextOrder(of: count)
}

/// Many names with a number each, one after another in memory.
struct PackedNames: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var numbers: [Int32] = []

  var count: Int { ends.count }

  mutating func append(_ name: String, number: Int) {
    bytes.append(contentsOf: name.utf8)
    ends.append(bytes.count)
    numbers.append(Int32(number))
  }

  subscript(_ place: Int) -> (name: String, number: Int) {
    let start = place == 0 ? 0 : ends[place - 1]
    return (String(decoding: bytes[start..<ends[place]], as: UTF8.self), Int(numbers[place]))
  }
}
