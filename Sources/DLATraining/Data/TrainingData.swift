import DLAData
import DLAText

/// Labelled images to learn from, counted by class before hours of work.
public struct TrainingData: Sendable {
  /// The images.
  public let dataset: any Dataset
  /// The classes to tell apart.
  public let classes: ClassNames
  /// How many images each class has.
  public let counts: [Int]
  /// Samples in all, those without an image among them.
  public let samples: Int

  /// Counts the images of each class, by their names and labels alone; shards are read through.
  ///
  /// - Parameters:
  ///   - dataset: the images.
  ///   - classes: the classes to tell apart.
  ///   - name: what messages call the data.
  /// - Throws: `DatasetError` if nothing can be read; `TrainingError` with `.unsuitableData` if a
  ///   class folder is empty, or all images are of one class.
  public init(_ dataset: any Dataset, classes: ClassNames, name: String) throws {
    self.dataset = dataset
    self.classes = classes
    (counts, samples) = try Self.count(dataset, classes)
    let found = counts.count { $0 > 0 }
    guard found > 1 else {
      throw TrainingError(
        code: .unsuitableData,
        message: "\(printablePath(name)): "
          + (found == 0
            ? "holds no labelled images"
            : "all \(grouped(samples)) samples are of one class, "
              + "\(printable(classes.name(counts.firstIndex { $0 > 0 } ?? 0)))")
          + "; images of two classes or more are expected")
    }
  }

  /// Holds images that are kept for validation to what can be told without decoding them; shards are
  /// read through.
  ///
  /// - Parameters:
  ///   - dataset: the images.
  ///   - classes: the classes to tell apart.
  ///   - name: what messages call the data.
  /// - Returns: how many samples there are.
  /// - Throws: `DatasetError` if nothing can be read; `TrainingError` with `.unsuitableData` if a
  ///   class folder is empty, a label is none of the classes, or there is no image.
  public static func check(
    validation dataset: any Dataset, classes: ClassNames, name: String
  ) throws -> Int {
    let (counts, samples) = try count(dataset, classes)
    guard counts.contains(where: { $0 > 0 }) else {
      throw TrainingError(
        code: .unsuitableData,
        message: "\(printablePath(name)): holds no labelled images to validate with")
    }
    return samples
  }

  /// Images by class, and samples in all.
  private static func count(
    _ dataset: any Dataset, _ classes: ClassNames
  ) throws -> (byClass: [Int], samples: Int) {
    var counts = Array(repeating: 0, count: classes.count)
    var samples = 0
    var reader = try dataset.reader()
    while let entry = reader.next() {
      samples += 1
      switch entry {
      case .success(let sample) where counts.indices.contains(sample.label):
        counts[sample.label] += 1
      case .failure(let error) where error.isEmptyClass:
        throw TrainingError(
          code: .unsuitableData,
          message: "\(error); put images of the class into it, or remove it")
      case .success(let sample):
        throw TrainingError(
          code: .unsuitableData,
          message: "\(printablePath(sample.name)): its label is \(sample.label); 0 to "
            + "\(classes.count - 1) are expected")
      case .failure: break
      }
    }
    return (counts, samples)
  }

  /// Classes without an image, as a list may leave them.
  public var emptyClasses: [String] {
    counts.indices.filter { counts[$0] == 0 }.map(classes.name)
  }
}
