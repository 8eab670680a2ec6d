import DLAText

/// A map from the labels of a dataset to classes: by number, identifier or name.
struct LabelReader: Sendable {
  /// The problem with a label.
  struct Problem: Error {
    /// For instance `label 1000 of 1000 classes`.
    let found: String
    /// For instance `0 to 999 is expected`.
    let expected: String
    /// True for a number that is no class, as where labels are counted from 1.
    var isWrongNumbering = false
  }

  private let count: Int
  private let indices: [String: Int]

  /// Indexes the names of classes.
  ///
  /// A name that two classes share identifies neither. Of names separated by commas, as in WordNet,
  /// the first one alone is accepted too.
  init(_ classes: ClassNames) {
    count = classes.count
    var indices = Self.unshared(classes.names.map { $0.prefix { $0 != "," } })
    indices.merge(Self.unshared(classes.names[...])) { $1 }
    for (index, name) in classes.identifiers.enumerated() { indices[Self.key(name)] = index }
    self.indices = indices
  }

  /// The class with a name or identifier, ignoring case and differences between spaces, underscores
  /// and hyphens.
  func index(named name: String) -> Int? { indices[Self.key(name)] }

  /// The class of a label: a number from 0, or a name.
  func index(of label: String) throws(Problem) -> Int {
    let numbers = "0 to \(count - 1)"
    if let number = Int(label) {
      guard (0..<count).contains(number) else {
        throw Problem(
          found: "label \(number) of \(count) classes",
          expected: "labels begin at 0, so \(numbers) is expected", isWrongNumbering: true)
      }
      return number
    }
    guard let index = index(named: label) else {
      let names = indices.isEmpty ? "" : " or the name of a class"
      throw Problem(
        found: "label \"\(printable(label))\" is not one of the \(count) classes",
        expected: "\(numbers)\(names) is expected")
    }
    return index
  }

  /// Classes by name, without names that several share.
  private static func unshared(_ names: some Collection<some StringProtocol>) -> [String: Int] {
    var indices: [String: Int] = [:]
    var shared: Set<String> = []
    for (index, name) in names.enumerated() {
      if indices.updateValue(index, forKey: key(name)) != nil { shared.insert(key(name)) }
    }
    for key in shared { indices[key] = nil }
    return indices
  }

  private static func key(_ name: some StringProtocol) -> String {
    String(
      String.UnicodeScalarView(
        name.lowercased().unicodeScalars.map { "_-".unicodeScalars.contains($0) ? " " : $0 }))
  }
}
