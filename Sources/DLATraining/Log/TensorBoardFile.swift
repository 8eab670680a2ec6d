import DLASystem
import DLAText

/// A training's curves for TensorBoard; a resumed training continues the file.
package struct TensorBoardFile {
  /// The file's name in a training's folder.
  ///
  /// Readers look for `.tfevents.` and expect a number after it. Others write the time there and the
  /// host's name behind it; this one stays the same, so that a resumed training finds its file.
  package static let name = "events.out.tfevents.0.dla"

  private let file: GrowingFile

  /// Opens the file, or makes it with a first event of that time in seconds since 1970.
  ///
  /// - Throws: `FileError` if it can't be written to, or is not a regular file of this user.
  package init(path: String, at wallTime: Double = Platform.secondsSince1970) throws(FileError) {
    file = try GrowingFile(path: path)
    try begin(at: wallTime)
  }

  /// Makes what was written durable.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func synchronize() throws(FileError) { try file.synchronize() }

  /// Bytes that are there: what a checkpoint notes, to be given to `truncate(to:)`.
  package var byteCount: Int { file.count }

  /// Appends an entry: losses, accuracies, learning rate and speed of steps, and results of
  /// validations.
  ///
  /// Numbers are rounded to float32, the format's own. Times are seconds since 1970.
  ///
  /// - Throws: `FileError` if the system refuses; nothing is appended then.
  package func append(
    _ record: TrainingRecord, at wallTime: Double = Platform.secondsSince1970
  ) throws(FileError) {
    guard let event = TensorBoardEvent.event(of: record, at: wallTime) else { return }
    try file.appendWhole(TensorBoardRecord.framed(event))
  }

  /// Removes entries after a checkpoint, which a resumed training writes again.
  ///
  /// `wallTime`, in seconds since 1970, is for the first event of a file of which nothing stays.
  ///
  /// - Throws: `TrainingError` with the code `.unsuitableLog` if there are fewer, or no event ends
  ///   there; `FileError` if the system refuses.
  package func truncate(to byteCount: Int, at wallTime: Double = Platform.secondsSince1970) throws {
    let mapping = try file.mapped()
    let isBoundary = withExtendedLifetime(mapping) {
      TensorBoardRecord.isBoundary(byteCount, of: $0.bytes)
    }
    try file.requirePlace(byteCount, isBoundary: isBoundary)
    try file.truncate(to: byteCount)
    try begin(at: wallTime)
  }

  /// Names the version where nothing is written yet.
  private func begin(at wallTime: Double) throws(FileError) {
    guard file.count == 0 else { return }
    try file.appendWhole(TensorBoardRecord.framed(TensorBoardEvent.version(at: wallTime)))
  }
}

/// An entry of TensorBoard's files: a message of tensorflow/core/util/event.proto.
enum TensorBoardEvent {
  /// The version in the first event of a file.
  static let version = "brain.Event:2"

  private enum Field {
    static let wallTime = 1
    static let step = 2
    static let fileVersion = 3
    static let summary = 5
  }

  /// `Summary` and the `Value` in it, of tensorflow/core/framework/summary.proto.
  private enum SummaryField {
    static let value = 1
    static let tag = 1
    static let simpleValue = 2
  }

  /// The event that names the version.
  static func version(at wallTime: Double) -> [UInt8] {
    var event = ProtobufMessage<Never>()
    event.append(wallTime, field: Field.wallTime)
    event.append(version, field: Field.fileVersion)
    return event.bytes
  }

  /// The event of an entry; nil where it has nothing to draw.
  static func event(of record: TrainingRecord, at wallTime: Double) -> [UInt8]? {
    let scalars = record.scalars
    guard !scalars.isEmpty else { return nil }
    var event = ProtobufMessage<Never>()
    event.append(wallTime, field: Field.wallTime)
    // As protobuf has it, a zero is not written.
    if record.step != 0 { event.append(record.step, field: Field.step) }
    event.append(field: Field.summary) { summary in
      for (tag, value) in scalars {
        summary.append(field: SummaryField.value) {
          $0.append(tag, field: SummaryField.tag)
          $0.append(Float(value), field: SummaryField.simpleValue)
        }
      }
    }
    return event.bytes
  }
}

extension TrainingRecord {
  fileprivate var step: Int {
    switch self {
    case .step(let record): record.step
    case .epoch(let record): record.step
    }
  }

  /// The values that TensorBoard draws, by curve; the part before a slash groups curves.
  fileprivate var scalars: [(tag: String, value: Double)] {
    switch self {
    case .step(let record):
      return [
        ("train/loss", record.loss), ("train/top1", record.top1),
        ("learning_rate", record.learningRate),
        ("train/images_per_second", record.imagesPerSecond),
      ]
    case .epoch(let record):
      guard let validation = record.validation else { return [] }
      return [
        ("validation/loss", validation.loss), ("validation/top1", validation.top1),
        ("validation/top5", validation.top5),
      ]
    }
  }
}

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

  /// True if one of the records of a file ends at a place.
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
