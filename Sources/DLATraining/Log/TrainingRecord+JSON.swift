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
        ("learning_rate", number(record.learningRate)),
        ("images_per_second", number(record.imagesPerSecond)),
      ])
    case .epoch(let record):
      object(
        [
          ("kind", "\"epoch\""), ("epoch", "\(record.epoch)"), ("step", "\(record.step)"),
          ("loss", number(record.loss)), ("top1", number(record.top1)),
          ("learning_rate", number(record.learningRate)),
          ("images_per_second", number(record.imagesPerSecond)),
          ("seconds", number(record.seconds)), ("unreadable", "\(record.unreadable)"),
        ] + (record.validation.map { [("validation", $0.json)] } ?? []))
    }
  }

  /// Reads a line of JSON.
  ///
  /// Null becomes NaN; unknown keys are ignored.
  ///
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
          learningRate: try members.number("learning_rate"),
          imagesPerSecond: try members.amount("images_per_second")))
    case "epoch":
      self = .epoch(
        EpochRecord(
          epoch: try members.count("epoch"), step: try members.count("step"),
          loss: try members.number("loss"), top1: try members.share("top1"),
          learningRate: try members.number("learning_rate"),
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

/// The members of a log entry's object, before it is known which of them it must have.
struct JSONMembers {
  private(set) var kind: String?
  private var numbers: [ExactText: Double] = [:]
  private var inner: [JSONMembers] = []

  /// Members that are numbers.
  private static let numeric: Set<ExactText> = [
    "step", "epoch", "loss", "top1", "top5", "learning_rate", "images_per_second", "seconds",
    "unreadable", "images",
  ]

  /// Reads an object behind the scanner; the inner one, about the validation, holds no other.
  ///
  /// - Throws: `Fault` if it is no object, or has a member twice.
  init(_ scanner: inout JSONScanner, isInner: Bool = false) throws(Fault) {
    var names: Set<ExactText> = []
    var isFirst = true
    try scanner.expect("{")
    while try scanner.advance(until: "}", isFirst: &isFirst) {
      let name = try scanner.key()
      guard names.insert(name).inserted else {
        throw Fault("\"\(printable(name.text))\" stands in it twice")
      }
      if Self.numeric.contains(name) {
        numbers[name] = try scanner.number() ?? .nan
      } else if name == "kind", !isInner {
        kind = try scanner.string()
      } else if name == "validation", !isInner {
        if try !scanner.skipNull() { inner = [try JSONMembers(&scanner, isInner: true)] }
      } else {
        try scanner.skipValue()
      }
    }
  }

  /// A number of any size; NaN where it is null.
  func number(_ name: ExactText) throws(Fault) -> Double {
    guard let value = numbers[name] else { throw Fault("\"\(name.text)\" is missing") }
    return value
  }

  /// A number that is not negative.
  func amount(_ name: ExactText) throws(Fault) -> Double {
    let value = try number(name)
    guard !(value < 0) else { throw Fault("\"\(name.text)\" is \(value), it can't be negative") }
    return value
  }

  func share(_ name: ExactText) throws(Fault) -> Double {
    let value = try number(name)
    guard value.isNaN || (0...1).contains(value) else {
      throw Fault("\"\(name.text)\" is \(value), it must be between 0 and 1")
    }
    return value
  }

  func count(_ name: ExactText) throws(Fault) -> Int {
    let value = try number(name)
    guard let count = Int(exactly: value), count >= 0 else {
      throw Fault("\"\(name.text)\" is \(value), it must be a whole number from 0 on")
    }
    return count
  }

  func validation() throws(Fault) -> EpochRecord.Validation? {
    guard let members = inner.first else { return nil }
    return EpochRecord.Validation(
      loss: try members.number("loss"), top1: try members.share("top1"),
      top5: try members.share("top5"), images: try members.count("images"))
  }
}
