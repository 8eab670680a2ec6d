import DLASystem

/// The frame around an event in TensorBoard's files, which is that of TensorFlow's TFRecord.
///
/// The length of the data in eight bytes and its checksum, then the data and its checksum. Integers
/// are little-endian; checksums are masked since CRCs of data that holds CRCs are weak
/// (tensorflow/core/lib/io/record_writer.cc).
enum TensorBoardRecord {
  private static let headerBytes = 12
  private static let footerBytes = 4

  /// Some data in its frame.
  static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(checksum(length)) + data + littleEndian(checksum(data))
  }

  /// Whether one of the records of a file ends at a place.
  ///
  /// Lengths are followed and checked, data is not read.
  static func isBoundary(_ place: Int, of bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while position < place, place <= bytes.count {
      guard place - position >= headerBytes + footerBytes else { return false }
      let length = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let sum = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt32.self))
      let rest = UInt64(place - position - headerBytes - footerBytes)
      guard sum == checksum(bytes[position..<position + 8]), length <= rest else { return false }
      position += headerBytes + Int(length) + footerBytes
    }
    return position == place
  }

  private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = crc32C(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
