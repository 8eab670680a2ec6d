import DLASystem
import DLATensor

/// A share of a dataset's samples, chosen by their names, or all others.
///
/// The choice follows from the seed and the sample's name alone, so both parts together are the dataset,
/// in whatever order it is read, and a sample stays in its part when others are added.
package struct PartDataset: Dataset {
  private let whole: any Dataset
  private let choice: Choice
  package let count: Int?

  /// Which samples belong to the part.
  struct Choice: Sendable {
    let share: Double
    let seed: UInt64
    /// True for the share, false for the others.
    let isShare: Bool

    func contains(_ entry: Result<Sample, SampleError>) -> Bool {
      let name: String
      switch entry {
      case .success(let sample): name = sample.name
      // A class without images, or a line that is none, belongs to the larger part alone.
      case .failure(let error) where error.kind != .other: return !isShare
      case .failure(let error): name = error.name
      }
      var random = KeyedRandom(key: "part/\(seed)/\(name)")
      return (random.nextFraction() < share) == isShare
    }
  }

  /// Chooses about a share of the samples, or the others.
  ///
  /// - Throws: `DatasetError` if the dataset can't be read.
  package init(
    _ share: Double, of whole: any Dataset, seed: UInt64, isShare: Bool
  ) throws(DatasetError) {
    let choice = Choice(share: share, seed: seed, isShare: isShare)
    var count: Int?
    // Where the number is known without reading images, so is that of the part.
    if whole.count != nil {
      var reader = try whole.reader()
      var found = 0
      while let entry = reader.next() { if choice.contains(entry) { found += 1 } }
      count = found
    }
    self.init(whole, choice, count)
  }

  private init(_ whole: any Dataset, _ choice: Choice, _ count: Int?) {
    (self.whole, self.choice, self.count) = (whole, choice, count)
  }

  package var summary: String {
    let percent = (choice.isShare ? choice.share : 1 - choice.share) * 100
    return "\(Int(percent.rounded())) % of \(whole.summary)"
  }

  package var fingerprint: UInt64 {
    var random = KeyedRandom(key: "part/\(choice.seed)/\(choice.share)/\(choice.isShare)")
    return whole.fingerprint ^ random.next()
  }

  package func reader() throws(DatasetError) -> any SampleReader {
    Reader(reader: try whole.reader(), choice: choice)
  }

  package func shuffled(seed: UInt64) throws(DatasetError) -> any Dataset {
    PartDataset(try whole.shuffled(seed: seed), choice, count)
  }

  private struct Reader: SampleReader {
    var reader: any SampleReader
    let choice: Choice

    mutating func next() -> Result<Sample, SampleError>? {
      while let entry = reader.next() { if choice.contains(entry) { return entry } }
      return nil
    }
  }
}
