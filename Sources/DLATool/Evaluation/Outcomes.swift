import DLAData
import DLASystem
import DeepLayerAggregation

/// Reads a journal from its first outcome on.
final class Outcomes: IteratorProtocol {
  private let mapping: MappedFile
  private var reader: OutcomeTable.Reader
  private var released = 0

  /// Bytes that are passed before their pages are given back.
  private static let chunk = 4 << 20

  init(_ file: GrowingFile, _ table: OutcomeTable) throws(FileError) {
    mapping = try file.mapped()
    reader = table.reader(mapping.bytes)
  }

  /// How many outcomes a file holds; 0 if it is no journal.
  static func count(_ file: GrowingFile, _ table: OutcomeTable) throws(FileError) -> Int {
    let outcomes = try Outcomes(file, table)
    var count = 0
    while outcomes.next() != nil { count += 1 }
    return count
  }

  /// The bytes of the rows that are whole up to here.
  var wholeBytes: Int { reader.wholeBytes }

  func next() -> Outcome? {
    let outcome = reader.next()
    if reader.wholeBytes - released >= Self.chunk {
      mapping.releasePages(of: released..<reader.wholeBytes)
      released = reader.wholeBytes
    }
    return outcome
  }
}
