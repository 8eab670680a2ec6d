/// Outcomes as rows of a CSV file, which people read and an interrupted evaluation goes on from.
///
/// Numbers are written so that reading them gives the same ones.
public struct OutcomeTable: Sendable {
  private let classes: ClassNames

  /// Describes a table.
  ///
  /// - Parameter classes: what the classes are called.
  public init(classes: ClassNames) { self.classes = classes }

  fileprivate static let columns =
    ["file", "label", "label_name"]
    + (1...Outcome.guessCount).flatMap { ["top\($0)", "top\($0)_name", "top\($0)_probability"] }
    + ["loss", "error"]

  /// The row of column names, with its line break.
  public static let header = csvRow(columns)

  /// One outcome, with its line break; fields that do not apply are empty.
  ///
  /// - Parameter outcome: what the network said of a sample.
  /// - Returns: the row.
  public func row(_ outcome: Outcome) -> String {
    var fields = [outcome.name] + label(outcome.label)
    var end = ["", ""]
    var guesses: [Outcome.Guess] = []
    switch outcome.answer {
    case .guesses(let found, let loss):
      guesses = found
      end[0] = "\(loss)"
    case .failed(let message): end[1] = message
    }
    for place in 0..<Outcome.guessCount {
      guard place < guesses.count else {
        fields += ["", "", ""]
        continue
      }
      fields += label(guesses[place].index) + ["\(guesses[place].probability)"]
    }
    return csvRow(fields + end)
  }

  private func label(_ index: Int?) -> [String] {
    guard let index else { return ["", ""] }
    return ["\(index)", classes.names.isEmpty ? "" : classes.names[index]]
  }

  /// The outcomes of a table that this type wrote, one after another.
  public struct Reader: IteratorProtocol {
    private let table: OutcomeTable
    private var rows: CSVReader
    /// The bytes of the rows that are whole up to here; 0 if it is no such table.
    public private(set) var wholeBytes = 0
    private var isAtEnd = false

    fileprivate init(_ table: OutcomeTable, _ bytes: UnsafeRawBufferPointer) {
      self.table = table
      // A last row without its line break may be one of a number that is cut short.
      let newline = UInt8(ascii: "\n")
      let end = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
      rows = CSVReader(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
      guard case .success(OutcomeTable.columns)? = rows.next()?.fields else {
        isAtEnd = true
        return
      }
      wholeBytes = rows.position
    }

    /// The next outcome; nil behind the last that is whole.
    ///
    /// - Returns: the outcome of the next row.
    public mutating func next() -> Outcome? {
      guard !isAtEnd, let row = rows.next(), case .success(let fields) = row.fields,
        let outcome = table.outcome(fields)
      else {
        isAtEnd = true
        return nil
      }
      wholeBytes = rows.position
      return outcome
    }
  }

  /// Starts to read a table that this type wrote.
  ///
  /// - Parameter bytes: the table, which outlives what reads it.
  /// - Returns: what reads; what was cut off or damaged, and all behind it, is not read.
  public func reader(_ bytes: UnsafeRawBufferPointer) -> Reader { Reader(self, bytes) }

  fileprivate func outcome(_ fields: [String]) -> Outcome? {
    guard fields.count == Self.columns.count else { return nil }
    let label = index(fields[1])
    guard label != nil || fields[1].isEmpty else { return nil }
    let message = fields[fields.count - 1]
    guard message.isEmpty else {
      return Outcome(name: fields[0], label: label, answer: .failed(message))
    }
    var guesses: [Outcome.Guess] = []
    for column in stride(from: 3, to: 3 + 3 * Outcome.guessCount, by: 3)
    where !fields[column].isEmpty {
      guard let index = index(fields[column]), let probability = Float(fields[column + 2]),
        (0...1).contains(probability)
      else { return nil }
      guesses.append(Outcome.Guess(index: index, probability: probability))
    }
    guard let loss = Double(fields[fields.count - 2]), loss.isFinite, label != nil, !guesses.isEmpty
    else { return nil }
    return Outcome(name: fields[0], label: label, answer: .guesses(guesses, loss: loss))
  }

  private func index(_ field: String) -> Int? {
    Int(field).flatMap { (0..<classes.count).contains($0) ? $0 : nil }
  }
}
