/// The classes that a network tells apart, and what datasets may call them.
public struct ClassNames: Sendable, Equatable {
  /// How many there are.
  public let count: Int
  /// What people call them, in order; empty if they have no names.
  public let names: [String]
  /// What files call them, for instance WordNet synsets, in order; empty if they have none.
  public let identifiers: [String]

  /// Names classes.
  ///
  /// - Parameters:
  ///   - count: how many classes there are.
  ///   - names: what people call them, in order; empty if they have no names.
  ///   - identifiers: what files call them, in order; empty if they have none.
  /// - Precondition: both lists are empty or of `count` elements.
  public init(count: Int, names: [String] = [], identifiers: [String] = []) {
    precondition(
      [0, count].contains(names.count) && [0, count].contains(identifiers.count),
      "\(names.count) names and \(identifiers.count) identifiers for \(count) classes")
    self.count = count
    self.names = names
    self.identifiers = identifiers
  }

  /// The class that a text means: its number counted from 0, its identifier or its name.
  ///
  /// - Parameter text: what a person or a file calls the class.
  /// - Returns: the class; nil if the text means none, or a name that several share.
  public func index(of text: String) -> Int? {
    do throws(LabelReader.Problem) {
      return try LabelReader(self).index(of: text)
    } catch {
      return nil
    }
  }

  /// The name of a class, or its number where it has none.
  ///
  /// - Parameter index: the class, counted from 0.
  /// - Returns: what to call it.
  public func name(_ index: Int) -> String { names.isEmpty ? "class \(index)" : names[index] }
}
