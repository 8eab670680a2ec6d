/// A message in protobuf's wire format, https://protobuf.dev/programming-guides/encoding.
///
/// Every byte is there but those of gaps, of which only place and length are known, so that a
/// message can be measured before large contents are read; `Never` is the content of messages
/// without any. A message inside another follows its own length, which is why all have to be
/// measured before the first byte is written.
package struct ProtobufMessage<Content: Sendable>: Sendable {
  /// A place where bytes belong that are added when the message is written.
  package struct Gap: Sendable {
    /// The number of `bytes` before it.
    package fileprivate(set) var offset: Int
    package let content: Content
  }

  /// All bytes but those of the gaps.
  package private(set) var bytes: [UInt8] = []
  package private(set) var gaps: [Gap] = []
  /// The length of the message, gaps included.
  package private(set) var byteCount = 0

  package init() {}

  /// The encoding of a field's value.
  private enum WireType: Int {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  package mutating func append(_ value: Int, field: Int) {
    appendKey(field, .varint)
    appendVarint(value)
  }

  package mutating func append(_ value: Float, field: Int) {
    appendKey(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { append(bytes: $0) }
  }

  package mutating func append(_ value: Double, field: Int) {
    appendKey(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { append(bytes: $0) }
  }

  package mutating func append(_ text: String, field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(text.utf8.count)
    append(bytes: text.utf8)
  }

  package mutating func append(_ value: [UInt8], field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(value.count)
    append(bytes: value)
  }

  /// Appends a bytes field whose bytes are added when the message is written.
  package mutating func append(gapFor content: Content, byteCount count: Int, field: Int) {
    appendKey(field, .lengthDelimited)
    appendVarint(count)
    gaps.append(Gap(offset: bytes.count, content: content))
    byteCount += count
  }

  package mutating func append(_ message: ProtobufMessage, field: Int) {
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
  package mutating func append(field: Int, _ fill: (inout ProtobufMessage) -> Void) {
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
