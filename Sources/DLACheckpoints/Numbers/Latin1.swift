/// Reads bytes that were written as text, one character each.
///
/// Python 3 pickles bytes so below protocol 3: those from 0x80 on take two bytes of UTF-8, of which
/// the first is 0xC2 or 0xC3 and holds the seventh bit of the result as its lowest. Half of the
/// bytes of weights are such, at random, so eight are taken at once without a branch. `target` has
/// room for exactly the bytes that the text holds.
///
/// - Returns: whether the text is valid and holds as many bytes as `target`.
func decodeLatin1(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) -> Bool
{
  var words = Latin1Words()
  var read = 0
  var written = 0
  moves.withUnsafeBufferPointer { moves in
    while read &+ 8 <= text.count, written &+ 8 <= target.count {
      let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: read, as: UInt64.self))
      let (bytes, count) = words.decode(word, moves)
      target.storeBytes(of: bytes.littleEndian, toByteOffset: written, as: UInt64.self)
      read &+= 8
      written &+= count
    }
  }
  guard words.areValid else { return false }
  var pending = words.pending
  for byte in text[read...] {
    if pending == nil, byte & 0xFE == 0xC2 {
      pending = byte
      continue
    }
    guard byte < 0x80 ? pending == nil : byte < 0xC0 && pending != nil, written < target.count
    else { return false }
    target[written] = byte | (pending ?? 0) << 6
    written += 1
    pending = nil
  }
  return pending == nil && written == target.count
}

/// Eight bytes of text after another.
private struct Latin1Words {
  /// The bits that violated a rule so far.
  private var wrong: UInt64 = 0
  /// 0x80 if the last byte was the first of two, and its lowest bit.
  private var pendingMark: UInt64 = 0
  private var pendingBit: UInt64 = 0

  var areValid: Bool { wrong == 0 }

  /// The last byte if it was the first of two.
  var pending: UInt8? { pendingMark == 0 ? nil : 0xC2 | UInt8(truncatingIfNeeded: pendingBit) }

  /// Decodes a word; the bytes behind the ones that count are anything.
  @inline(__always)
  mutating func decode(
    _ word: UInt64, _ moves: UnsafeBufferPointer<UInt64>
  ) -> (bytes: UInt64, count: Int) {
    let high = word & 0x8080_8080_8080_8080
    // From 0xC0 on: a first byte. Otherwise from 0x80 on: a second one.
    let first = high & word << 1
    let second = high ^ first
    let ones = first >> 7
    // Every first byte is 0xC2 or 0xC3, and second bytes stand exactly behind first ones.
    wrong |= (word ^ 0x0202_0202_0202_0202) & (ones &* 0x3E)
    wrong |= second ^ (first << 8 | pendingMark)
    let bits = word & ones
    var bytes = (word | bits << 14 | pendingBit << 6) & ~(ones &* 0xFF)
    pendingMark = first >> 56
    pendingBit = bits >> 56
    // The eight marks side by side: a pattern of bytes to drop.
    let pattern = 3 * Int(truncatingIfNeeded: (ones &* 0x0102_0408_1020_4080) >> 56)
    bytes = Self.move(bytes, moves[pattern], by: 8)
    bytes = Self.move(bytes, moves[pattern + 1], by: 16)
    bytes = Self.move(bytes, moves[pattern + 2], by: 32)
    // The sum of the marks: a population count, which not every machine has, takes longer.
    return (bytes, 8 &- Int(truncatingIfNeeded: (ones &* 0x0101_0101_0101_0101) >> 56))
  }

  @inline(__always)
  private static func move(_ bytes: UInt64, _ mask: UInt64, by distance: UInt64) -> UInt64 {
    let moved = bytes & mask
    return (bytes ^ moved) | moved &>> distance
  }
}

/// For each pattern of dropped bytes, which bytes move down by one, then by two, then by four places.
///
/// Source: H. S. Warren, Hacker's Delight, second edition, section 7-4, for bytes instead of bits.
private let moves: [UInt64] = (0..<256).flatMap { pattern -> [UInt64] in
  var places = (0..<8).filter { pattern >> $0 & 1 == 0 }
  // The distance that each remaining byte moves.
  let distances = places.enumerated().map { $0.element - $0.offset }
  return [1, 2, 4].map { distance in
    var mask: UInt64 = 0
    for index in places.indices where distances[index] & distance != 0 {
      mask |= 0xFF << UInt64(8 * places[index])
      places[index] -= distance
    }
    return mask
  }
}
