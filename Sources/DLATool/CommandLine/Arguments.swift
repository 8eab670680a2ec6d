import DLAText

/// The arguments after the command's name, checked against its options.
struct Arguments {
  private(set) var positional: [String] = []
  private var values: [String: String] = [:]
  private var repeated: [String: [String]] = [:]

  /// - Throws: `UsageError` for an unknown option, a missing value, a value too many or an option
  ///   given twice.
  init(_ words: ArraySlice<String>, options: [Option]) throws(UsageError) {
    var words = words
    while let word = words.popFirst() {
      if word == "--" {
        positional += words
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        positional.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = options.first(where: { $0.name == name }) else {
        // An option that shares little more than its dashes is no suggestion.
        let nearest = options.map(\.name).map { (name: $0, distance: editDistance(name, $0)) }
          .filter { $0.distance <= max(2, name.count / 3) }.min { $0.distance < $1.distance }?.name
        throw UsageError("unknown option \(name)" + (nearest.map { "; did you mean \($0)?" } ?? ""))
      }
      guard option.canRepeat || values[name] == nil else {
        throw UsageError("\(name) is given twice")
      }
      var value = parts.count == 2 ? String(parts[1]) : ""
      if option.value == nil {
        guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
      } else if parts.count == 1 {
        guard let next = words.popFirst() else {
          throw UsageError("\(name) needs a value: \(name) \(option.value ?? "")")
        }
        value = next
      }
      values[name] = value
      if option.canRepeat { repeated[name, default: []].append(value) }
    }
  }

  /// A copy with other values of some options.
  func replacing(_ values: [String: String]) -> Arguments {
    var result = self
    result.values.merge(values) { $1 }
    return result
  }

  /// True if a switch was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  subscript(_ name: String) -> String? { values[name] }

  /// All values of a repeatable option, in order.
  func all(_ name: String) -> [String] { repeated[name] ?? [] }

  /// The value of an option that must be given.
  func required(_ name: String) throws(UsageError) -> String {
    guard let value = values[name] else { throw UsageError("\(name) is missing") }
    return value
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[name] else { return nil }
    return try Self.integer(text, in: range, of: name)
  }

  /// The value of an option as comma-separated whole numbers.
  func integers(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> [Int]? {
    guard let text = values[name] else { return nil }
    var result: [Int] = []
    for part in Self.parts(text) {
      guard let number = Int(part), range.contains(number) else {
        throw UsageError(
          "\(name) is \(text); comma-separated whole numbers from \(range.lowerBound) to "
            + "\(range.upperBound) are expected")
      }
      result.append(number)
    }
    return result
  }

  /// The value of an option as `count` comma-separated numbers.
  func numbers(_ name: String, count: Int) throws(UsageError) -> [Double]? {
    guard let text = values[name] else { return nil }
    let numbers = Self.parts(text).map { Double($0) }
    let finite = numbers.compactMap { $0 }.filter(\.isFinite)
    guard finite.count == numbers.count, finite.count == count else {
      throw UsageError(
        "\(name) is \(text); "
          + (count == 1 ? "a number is" : "\(count) comma-separated numbers are")
          + " expected")
    }
    return finite
  }

  func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError(
        "\(name) is \(text); a number from \(range.lowerBound) to \(range.upperBound) is expected")
    }
    return number
  }

  /// The parts between commas, without surrounding spaces.
  static func parts(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// The value of an option as one of a few words.
  func choice(_ name: String, of words: [String]) throws(UsageError) -> String? {
    guard let text = values[name] else { return nil }
    guard words.contains(text) else {
      throw UsageError("\(name) is \(text); expected \(words.joined(separator: ", "))")
    }
    return text
  }

  private static func integer(
    _ text: String, in range: ClosedRange<Int>, of name: String
  ) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "\(name) is \(text); a whole number from \(range.lowerBound) to \(range.upperBound) is "
          + "expected")
    }
    return number
  }
}
