/// A message in protobuf's wire format, https://protobuf.dev/programming-guides/encoding.
///
/// Every byte is there but the weights: these are gaps, of which only place and length are known, so
/// that a message can be measured before its weights are read. A message inside another follows its
/// own length, which is why all have to be measured before the first byte is written.
struct ProtobufMessage: Sendable {
  /// A place where weights belong.
  struct Gap: Sendable {
    /// The number of `bytes` before it.
    var offset: Int
    /// What belongs there.
    let tensor: ONNXTensor
  }

  /// All bytes but those of the gaps.
  private(set) var bytes: [UInt8] = []
  /// The gaps in the order of their offsets.
  private(set) var gaps: [Gap] = []
  /// The length of the message, gaps included.
  private(set) var byteCount = 0

  /// How a field's value is stored.
  private enum WireType: Int {
    case varint = 0
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Appends an int64, int32 or enum field.
  mutating func append(_ value: Int, field: Int) {
    appendKey(field, .varint)
    appendVarint(value)
  }

  /// Appends a float field.
  mutating func append(_ value: Float, field: Int) {
    appendKey(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { append(bytes: $0) }
  }

  /// Appends a string field.
  mutating func append(_ text: String, field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(text.utf8.count)
    append(bytes: text.utf8)
  }

  /// Appends a bytes field.
  mutating func append(_ value: [UInt8], field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(value.count)
    append(bytes: value)
  }

  /// Appends a bytes field that holds a tensor's elements.
  mutating func append(elementsOf tensor: ONNXTensor, field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(tensor.byteCount)
    gaps.append(Gap(offset: bytes.count, tensor: tensor))
    byteCount += tensor.byteCount
  }

  /// Appends a message field.
  mutating func append(_ message: ProtobufMessage, field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(message.byteCount)
    for var gap in message.gaps {
      gap.offset += bytes.count
      gaps.append(gap)
    }
    bytes += message.bytes
    byteCount += message.byteCount
  }

  /// Appends a message field that is filled in place.
  mutating func append(field: Int, _ fill: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    fill(&message)
    append(message, field: field)
  }

  private mutating func appendKey(_ field: Int, _ type: WireType) {
    appendVarint(field << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
  private mutating func appendVarint(_ value: Int) {
    var rest = UInt64(bitPattern: Int64(value))
    while rest > 0x7F {
      append(bytes: CollectionOfOne(UInt8(truncatingIfNeeded: rest) | 0x80))
      rest >>= 7
    }
    append(bytes: CollectionOfOne(UInt8(rest)))
  }

  private mutating func append(bytes added: some Collection<UInt8>) {
    bytes += added
    byteCount += added.count
  }
}
