import DLAText

/// An entry of TensorBoard's files: a message of tensorflow/core/util/event.proto.
enum TensorBoardEvent {
  /// What the first event of a file says.
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
  /// Updates done so far.
  fileprivate var step: Int {
    switch self {
    case .step(let record): record.step
    case .epoch(let record): record.step
    }
  }

  /// What TensorBoard draws, by the name of the curve; the part before a slash is a group of them.
  fileprivate var scalars: [(tag: String, value: Double)] {
    switch self {
    case .step(let record):
      return [
        ("train/loss", record.loss), ("train/top1", record.top1), ("learning_rate", record.rate),
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
