/// A range of numbers, and the words for it.
struct NumberRange: Sendable {
  let contains: @Sendable (Double) -> Bool
  let words: String

  static let positive = NumberRange(contains: { $0 > 0 }, words: "a number above 0")
  static let notNegative = NumberRange(contains: { $0 >= 0 }, words: "a number of 0 or more")
  static let share = NumberRange(contains: { (0...1).contains($0) }, words: "a number from 0 to 1")
  static let belowOne = NumberRange(
    contains: { (0..<1).contains($0) }, words: "a number from 0 to below 1")

  static func between(_ low: Double, _ high: Double) -> NumberRange {
    NumberRange(contains: { (low...high).contains($0) }, words: "a number from \(low) to \(high)")
  }
}

extension Section {
  func number(_ key: String, _ range: NumberRange) throws(RecipeError) -> Double? {
    guard let node = node(key) else { return nil }
    guard let value = node.number(in: range) else { throw unsuitable(key, node, range.words) }
    return value
  }

  /// Numbers of a list; nil if it is missing or null.
  func numbers(_ key: String, _ range: NumberRange, count: Int? = nil) throws(RecipeError)
    -> [Double]?
  {
    guard let node = node(key) else { return nil }
    let expected = "a list" + (count.map { " of \($0)" } ?? "") + ", each \(range.words),"
    guard case .list(let items) = node.content, count ?? items.count == items.count else {
      throw unsuitable(key, node, expected)
    }
    var values: [Double] = []
    for (index, item) in items.enumerated() {
      guard let value = item.number(in: range) else {
        throw unsuitable("\(key).\(index)", item, range.words)
      }
      values.append(value)
    }
    return values
  }

  /// A whole number; nil if it is missing or null.
  func integer(_ key: String, _ range: ClosedRange<Int>) throws(RecipeError) -> Int? {
    guard let node = node(key) else { return nil }
    guard let value = node.integer, range.contains(value) else {
      throw unsuitable(key, node, words(range))
    }
    return value
  }

  /// Whole numbers of a list, which one number may be too; nil if it is missing or null.
  func integers(
    _ key: String, _ range: ClosedRange<Int>, takesOne: Bool = false
  ) throws(RecipeError) -> [Int]? {
    guard let node = node(key) else { return nil }
    if takesOne, case .scalar = node.content { return try integer(key, range).map { [$0] } }
    guard case .list(let items) = node.content else {
      throw unsuitable(key, node, "a list, each \(words(range)),")
    }
    var values: [Int] = []
    for (index, item) in items.enumerated() {
      guard let value = item.integer, range.contains(value) else {
        throw unsuitable("\(key).\(index)", item, words(range))
      }
      values.append(value)
    }
    return values
  }

  /// Yes or no; nil if it is missing or null.
  func flag(_ key: String) throws(RecipeError) -> Bool? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let scalar) = node.content, case .bool(let value) = scalar.literal else {
      throw unsuitable(key, node, "True or False")
    }
    return value
  }

  /// A text that is not empty; nil if it is missing or null.
  func text(_ key: String) throws(RecipeError) -> String? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let scalar) = node.content, !scalar.text.isEmpty, !scalar.text.contains("\0")
    else { throw unsuitable(key, node, "a text") }
    return scalar.text
  }

  /// The side of a square, as one number or twice the same; nil if it is missing or null.
  func side(_ key: String, _ range: ClosedRange<Int>) throws(RecipeError) -> Int? {
    guard let node = node(key) else { return nil }
    guard case .list = node.content else { return try integer(key, range) }
    guard let sides = try integers(key, range), sides.count == 2, sides[0] == sides[1] else {
      throw unsuitable(key, node, "a square, \(words(range)),")
    }
    return sides[0]
  }

  private func words(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max
      ? "a whole number of \(range.lowerBound) or more"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }
}

extension YAMLNode {
  /// A number of a range that is finite.
  fileprivate func number(in range: NumberRange) -> Double? {
    guard case .scalar(let scalar) = content, let value = scalar.number, value.isFinite,
      range.contains(value)
    else { return nil }
    return value
  }

  fileprivate var integer: Int? {
    guard case .scalar(let scalar) = content, case .integer(let value) = scalar.literal else {
      return nil
    }
    return value
  }
}
