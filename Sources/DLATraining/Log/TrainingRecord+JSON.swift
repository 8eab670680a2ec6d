import DLACheckpoints
import DLAText

extension TrainingRecord {
  /// The entry as a line of JSON, without the line's end.
  ///
  /// Keys always have the same order. Numbers have as many digits as it takes to read the same ones
  /// back; those that are infinite or none are null, since JSON knows no others.
  package var json: String {
    switch self {
    case .step(let record):
      object([
        ("kind", "\"step\""), ("step", "\(record.step)"), ("epoch", number(record.epoch)),
        ("loss", number(record.loss)), ("top1", number(record.top1)),
        ("learning_rate", number(record.rate)),
        ("images_per_second", number(record.imagesPerSecond)),
      ])
    case .epoch(let record):
      object(
        [
          ("kind", "\"epoch\""), ("epoch", "\(record.epoch)"), ("step", "\(record.step)"),
          ("loss", number(record.loss)), ("top1", number(record.top1)),
          ("learning_rate", number(record.rate)),
          ("images_per_second", number(record.imagesPerSecond)),
          ("seconds", number(record.seconds)), ("unreadable", "\(record.unreadable)"),
        ] + (record.validation.map { [("validation", $0.json)] } ?? []))
    }
  }

  /// Reads a line of JSON.
  ///
  /// What is null becomes no number (NaN); keys of later versions are passed over.
  ///
  /// - Parameter json: the line.
  /// - Throws: `Fault` if it is no entry, or has numbers that none can have.
  package init(json: UnsafeRawBufferPointer) throws(Fault) {
    var scanner = JSONScanner(json)
    let members = try JSONMembers(&scanner)
    guard scanner.isAtEnd() else { throw Fault("more follows after the entry") }
    switch members.kind {
    case "step":
      self = .step(
        StepRecord(
          step: try members.count("step"), epoch: try members.amount("epoch"),
          loss: try members.number("loss"), top1: try members.share("top1"),
          rate: try members.number("learning_rate"),
          imagesPerSecond: try members.amount("images_per_second")))
    case "epoch":
      self = .epoch(
        EpochRecord(
          epoch: try members.count("epoch"), step: try members.count("step"),
          loss: try members.number("loss"), top1: try members.share("top1"),
          rate: try members.number("learning_rate"),
          imagesPerSecond: try members.amount("images_per_second"),
          seconds: try members.amount("seconds"), unreadable: try members.count("unreadable"),
          validation: try members.validation()))
    case let kind?: throw Fault("kind \"\(printable(kind))\" is neither \"step\" nor \"epoch\"")
    case nil: throw Fault("\"kind\" is missing")
    }
  }
}

extension EpochRecord.Validation {
  fileprivate var json: String {
    object([
      ("loss", number(loss)), ("top1", number(top1)), ("top5", number(top5)),
      ("images", "\(images)"),
    ])
  }
}

private func object(_ members: [(name: String, value: String)]) -> String {
  "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
}

private func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
