/// Tells which class a dataset's text means: by its number, its identifier or its name.
struct LabelReader: Sendable {
  /// One line without a place: what was found and what was expected.
  struct Problem: Error {
    let message: String
  }

  private let count: Int
  private let indices: [String: Int]

  /// Prepares to tell classes apart.
  ///
  /// A name that two classes share tells neither.
  init(_ classes: ClassNames) {
    count = classes.count
    var indices: [String: Int] = [:]
    var shared: Set<String> = []
    for (index, name) in classes.names.enumerated() {
      let key = Self.key(name)
      if indices.updateValue(index, forKey: key) != nil { shared.insert(key) }
    }
    for key in shared { indices[key] = nil }
    for (index, name) in classes.identifiers.enumerated() { indices[Self.key(name)] = index }
    self.indices = indices
  }

  /// The class that has a name or identifier; case, and whether words are parted by spaces,
  /// underscores or hyphens, make no difference.
  func index(named name: String) -> Int? { indices[Self.key(name)] }

  /// The class that a label means: a number counted from 0, or a name.
  func index(of label: String) throws(Problem) -> Int {
    if let number = Int(label) {
      guard (0..<count).contains(number) else {
        throw Problem(
          message: "label \(number) of \(count) classes; 0 to \(count - 1) is expected")
      }
      return number
    }
    guard let index = index(named: label) else {
      let names = indices.isEmpty ? "" : " or one of their names"
      throw Problem(
        message: "label \"\(printable(label))\" is none of the \(count) classes; a number from 0 "
          + "to \(count - 1)\(names) is expected")
    }
    return index
  }

  private static func key(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.lowercased().unicodeScalars.map { "_-".unicodeScalars.contains($0) ? " " : $0 }))
  }
}
