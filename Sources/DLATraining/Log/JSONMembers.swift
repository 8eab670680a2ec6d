import DLACheckpoints
import DLAText

/// The members of a log entry's object, before it is known which of them it must have.
struct JSONMembers {
  /// What kind of entry it says it is.
  private(set) var kind: String?
  private var numbers: [ExactText: Double] = [:]
  private var inner: [JSONMembers] = []

  /// Members that are numbers.
  private static let numeric: Set<ExactText> = [
    "step", "epoch", "loss", "top1", "top5", "learning_rate", "images_per_second", "seconds",
    "unreadable", "images",
  ]

  /// Reads an object.
  ///
  /// - Parameters:
  ///   - scanner: stands before the object, then behind it.
  ///   - isInner: whether it is the object about the validation, which holds no other.
  /// - Throws: `Fault` if it is no object, or a member stands in it twice.
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

  /// A part of a whole.
  func share(_ name: ExactText) throws(Fault) -> Double {
    let value = try number(name)
    guard value.isNaN || (0...1).contains(value) else {
      throw Fault("\"\(name.text)\" is \(value), it must be between 0 and 1")
    }
    return value
  }

  /// A whole number that is not negative.
  func count(_ name: ExactText) throws(Fault) -> Int {
    let value = try number(name)
    guard let count = Int(exactly: value), count >= 0 else {
      throw Fault("\"\(name.text)\" is \(value), it must be a whole number from 0 on")
    }
    return count
  }

  /// What the images kept for validation say; nil where there were none.
  func validation() throws(Fault) -> EpochRecord.Validation? {
    guard let members = inner.first else { return nil }
    return EpochRecord.Validation(
      loss: try members.number("loss"), top1: try members.share("top1"),
      top5: try members.share("top5"), images: try members.count("images"))
  }
}
