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
