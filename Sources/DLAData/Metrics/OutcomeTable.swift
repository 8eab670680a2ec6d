import DLASystem

/// Outcomes as rows of a CSV file, from which an interrupted evaluation resumes.
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
    + (1...Outcome.predictionCount).flatMap {
      ["top\($0)", "top\($0)_name", "top\($0)_probability"]
    }
    + ["loss", "error"]

  /// The row of column names, with its line break.
  public static let header = csvRow(columns)

  /// One outcome, with its line break; fields that do not apply are empty.
  ///
  /// - Parameter outcome: the classification of a sample.
  /// - Returns: the row.
  public func row(_ outcome: Outcome) -> String {
    // Bytes that are no text are escaped, since a row is text.
    var fields = [PathText.shown(outcome.name)] + label(outcome.label)
    var end = ["", ""]
    var predictions: [Outcome.Prediction] = []
    switch outcome.classification {
    case .predictions(let found, let loss):
      predictions = found
      end[0] = "\(loss)"
    case .failed(let message): end[1] = PathText.shown(message)
    }
    for place in 0..<Outcome.predictionCount {
      guard place < predictions.count else {
        fields += ["", "", ""]
        continue
      }
      fields += label(predictions[place].index) + ["\(predictions[place].probability)"]
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
    /// The bytes of the complete rows so far; 0 if it is not such a table.
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

    /// The next outcome; nil after the last that is whole.
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
  /// - Parameter bytes: the table, which outlives the reader.
  /// - Returns: a reader; it ends before the first damaged or incomplete row.
  public func reader(_ bytes: UnsafeRawBufferPointer) -> Reader { Reader(self, bytes) }

  fileprivate func outcome(_ fields: [String]) -> Outcome? {
    guard fields.count == Self.columns.count else { return nil }
    let label = index(fields[1])
    guard label != nil || fields[1].isEmpty else { return nil }
    let (name, message) = (PathText.shown(fields[0]), PathText.shown(fields[fields.count - 1]))
    guard message.isEmpty else {
      return Outcome(name: name, label: label, classification: .failed(message))
    }
    var predictions: [Outcome.Prediction] = []
    for column in stride(from: 3, to: 3 + 3 * Outcome.predictionCount, by: 3)
    where !fields[column].isEmpty {
      guard let index = index(fields[column]), let probability = Float(fields[column + 2]),
        (0...1).contains(probability)
      else { return nil }
      predictions.append(Outcome.Prediction(index: index, probability: probability))
    }
    guard let loss = Double(fields[fields.count - 2]), loss.isFinite, label != nil,
      !predictions.isEmpty
    else { return nil }
    return Outcome(
      name: name, label: label, classification: .predictions(predictions, loss: loss))
  }

  private func index(_ field: String) -> Int? {
    Int(field).flatMap { (0..<classes.count).contains($0) ? $0 : nil }
  }
}
