/// XXH64 of some bytes with seed 0, as the specification of xxHash defines it.
///
/// Four alternating sums, each multiplied and rotated once for eight bytes, are faster than memory.
/// By accident two contents have one hash once in 2^64; it is no protection against a search for
/// two such contents. `passed` is called for each MiB that was read and is not needed again.
///
/// - Returns: the hash, the same on all hardware.
package func xxHash64(
  _ bytes: UnsafeRawBufferPointer, passed: (Range<Int>) -> Void = { _ in }
) -> UInt64 {
  var hash = prime5
  var position = 0
  if bytes.count >= stripe {
    var sums = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
    let stripesEnd = bytes.count / stripe * stripe
    while position < stripesEnd {
      let chunk = position..<min(position + chunkBytes, stripesEnd)
      for word in stride(from: position, to: chunk.upperBound, by: stripe) {
        sums.0 = round(sums.0, load(bytes, word))
        sums.1 = round(sums.1, load(bytes, word + 8))
        sums.2 = round(sums.2, load(bytes, word + 16))
        sums.3 = round(sums.3, load(bytes, word + 24))
      }
      passed(chunk)
      position = chunk.upperBound
    }
    hash = rotated(sums.0, 1) &+ rotated(sums.1, 7) &+ rotated(sums.2, 12) &+ rotated(sums.3, 18)
    for sum in [sums.0, sums.1, sums.2, sums.3] {
      hash = (hash ^ round(0, sum)) &* prime1 &+ prime4
    }
  }
  hash &+= UInt64(bytes.count)
  while position + 8 <= bytes.count {
    hash = rotated(hash ^ round(0, load(bytes, position)), 27) &* prime1 &+ prime4
    position += 8
  }
  if position + 4 <= bytes.count {
    let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    hash = rotated(hash ^ UInt64(word) &* prime1, 23) &* prime2 &+ prime3
    position += 4
  }
  for byte in bytes[position...] { hash = rotated(hash ^ UInt64(byte) &* prime5, 11) &* prime1 }
  hash = (hash ^ hash >> 33) &* prime2
  hash = (hash ^ hash >> 29) &* prime3
  return hash ^ hash >> 32
}

/// Bytes that one round of all four sums takes.
private let stripe = 32
private let chunkBytes = 1 << 20

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

private func round(_ sum: UInt64, _ word: UInt64) -> UInt64 {
  rotated(sum &+ word &* prime2, 31) &* prime1
}

private func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
  value &<< bits | value &>> (64 - bits)
}

private func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
  UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// CRC-32C of some bytes, the checksum with Castagnoli's polynomial (RFC 3720, section 12.1).
///
/// Cost: a table look-up for each byte.
package func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
}

/// The polynomial, its highest power in the lowest bit.
private let polynomial: UInt32 = 0x82F6_3B78

/// The contribution of each byte.
private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
}
