/// CRC-32C of some bytes, the checksum with Castagnoli's polynomial (RFC 3720, section 12.1).
///
/// Cost: a table look-up for each byte.
///
/// - Parameter bytes: what to sum up.
/// - Returns: the checksum.
package func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
}

/// The polynomial, its highest power in the lowest bit.
private let polynomial: UInt32 = 0x82F6_3B78

/// What each byte adds.
private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
}
