import DLAText

/// The classes of a network, and their names in datasets.
public struct ClassNames: Sendable, Equatable {
  /// The number of classes.
  public let count: Int
  /// Display names in order; empty if the classes have none.
  public let names: [String]
  /// Identifiers in files, for instance WordNet synsets, in order; empty if the classes have none.
  public let identifiers: [String]

  /// Names classes.
  ///
  /// - Parameters:
  ///   - count: how many classes there are.
  ///   - names: display names in order; empty if the classes have none.
  ///   - identifiers: their identifiers in files, in order; empty if they have none.
  /// - Precondition: both lists are empty or of `count` elements.
  public init(count: Int, names: [String] = [], identifiers: [String] = []) {
    precondition(
      [0, count].contains(names.count) && [0, count].contains(identifiers.count),
      "\(names.count) names and \(identifiers.count) identifiers for \(count) classes")
    (self.count, self.names, self.identifiers) = (count, names, identifiers)
  }

  /// The class that a text means: its number counted from 0, its identifier or its name.
  ///
  /// - Parameter text: the class in an option or a file.
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

extension ClassNames {
  /// The most bytes of a file of names; a thousand take 30 KB.
  private static let limit = 16 << 20
  /// The most names; no network of more classes is made.
  private static let maxNames = 1 << 20

  /// Reads the names of classes, one a line in their order.
  ///
  /// Two common formats are detected from all of a file's lines: PaddleClas's label
  /// maps, `0 tench, Tinca tinca`, whose numbers are the classes; and lists of WordNet synsets,
  /// `n01440764 tench, Tinca tinca`, with or without the names, whose synsets are the identifiers.
  ///
  /// - Parameter path: UTF-8 text.
  /// - Throws: `DatasetError` if it can't be read, is no text or holds no names.
  public init(path: String) throws(DatasetError) {
    let file = try TextFile(path: path)
    guard file.bytes.count <= Self.limit, let text = text(file.bytes[...]) else {
      throw DatasetError(
        "\(printablePath(path)): is not a list of names; UTF-8 text with one name a line is expected, "
          + "\(Self.limit >> 20) MiB at most")
    }
    var lines = text.drop { $0 == "\u{FEFF}" }
      .split(maxSplits: Self.maxNames, omittingEmptySubsequences: false) { $0.isNewline }
    guard lines.count <= Self.maxNames else {
      throw DatasetError(
        "\(printablePath(path)): holds more than \(Self.maxNames) lines; one name a line is expected"
      )
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw DatasetError("\(printablePath(path)): holds no names; one a line is expected")
    }
    self =
      Self.numbered(lines) ?? Self.synsets(lines)
      ?? ClassNames(count: lines.count, names: lines.map(String.init))
  }

  /// Names behind the numbers of their classes; nil if not every line has its own.
  private static func numbered(_ lines: [Substring]) -> ClassNames? {
    var names = [String?](repeating: nil, count: lines.count)
    for line in lines {
      guard let (first, rest) = parts(line), let index = Int(first), names.indices.contains(index),
        names[index] == nil, !rest.isEmpty
      else { return nil }
      names[index] = rest
    }
    return ClassNames(count: lines.count, names: names.compactMap(\.self))
  }

  /// Synsets, which are n and eight digits, and what follows them; nil if not every line begins so.
  private static func synsets(_ lines: [Substring]) -> ClassNames? {
    let parts = lines.compactMap(parts)
    guard parts.count == lines.count, parts.allSatisfy({ isSynset($0.first) }) else { return nil }
    return ClassNames(
      count: lines.count, names: parts.map { $0.rest.isEmpty ? $0.first : $0.rest },
      identifiers: parts.map(\.first))
  }

  private static func isSynset(_ word: String) -> Bool {
    word.utf8.count == 9 && word.utf8.first == UInt8(ascii: "n") && Int(word.dropFirst()) != nil
  }

  /// The first word of a line and the rest without the spaces between them.
  private static func parts(_ line: Substring) -> (first: String, rest: String)? {
    let first = line.prefix { $0 != " " && $0 != "\t" }
    guard !first.isEmpty else { return nil }
    return (String(first), String(line[first.endIndex...].drop { $0 == " " || $0 == "\t" }))
  }
}
