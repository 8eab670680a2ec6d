import DLAData
import DLASystem
import DLAText

/// Labelled training images, counted by class.
public struct TrainingData: Sendable {
  /// The images.
  public let dataset: any Dataset
  /// The classes of the labels.
  public let classes: ClassNames
  /// The number of images of each class.
  public let counts: [Int]
  /// Samples in all, including those without an image.
  public let samples: Int

  /// Counts the images of each class by their names and labels, without decoding; shards are read to the
  /// end.
  ///
  /// - Parameters:
  ///   - dataset: the images.
  ///   - classes: the classes of the labels.
  ///   - name: the data's name in messages.
  /// - Throws: `DatasetError` if nothing can be read; `TrainingError` with `.unsuitableData` if a
  ///   class folder is empty, or all images are of one class.
  public init(_ dataset: any Dataset, classes: ClassNames, name: String) throws {
    (self.dataset, self.classes) = (dataset, classes)
    let failure: SampleError?
    (counts, samples, failure) = try Self.count(dataset, classes)
    let found = counts.count { $0 > 0 }
    guard found > 1 else {
      throw TrainingError(
        code: .unsuitableData,
        message: "\(printablePath(name)): "
          + (found == 0
            ? "holds no labelled images\(Self.note(failure, name))"
            : "all \(grouped(samples)) samples are of one class, "
              + "\(printable(classes.name(counts.firstIndex { $0 > 0 } ?? 0)))")
          + "; images of two classes or more are expected")
    }
  }

  /// Checks validation images without decoding them; shards are
  /// read to the end.
  ///
  /// - Parameters:
  ///   - dataset: the images.
  ///   - classes: the classes of the labels.
  ///   - name: the data's name in messages.
  /// - Returns: the number of samples.
  /// - Throws: `DatasetError` if nothing can be read; `TrainingError` with `.unsuitableData` if a
  ///   class folder is empty, a label is out of range, or there is no image.
  public static func check(
    validation dataset: any Dataset, classes: ClassNames, name: String
  ) throws -> Int {
    let (counts, samples, failure) = try count(dataset, classes)
    guard counts.contains(where: { $0 > 0 }) else {
      throw TrainingError(
        code: .unsuitableData,
        message: "\(printablePath(name)): holds no labelled images to validate with"
          + note(failure, name))
    }
    return samples
  }

  /// The reason why there are no images, as far as the first failure tells.
  private static func note(_ failure: SampleError?, _ name: String) -> String {
    failure.map { " (\($0.name == PathText.shown(name) ? $0.message : "\($0)"))" } ?? ""
  }

  /// Images by class, samples in all, and the first that has no image or label.
  private static func count(
    _ dataset: any Dataset, _ classes: ClassNames
  ) throws -> (byClass: [Int], samples: Int, failure: SampleError?) {
    var counts = Array(repeating: 0, count: classes.count)
    var samples = 0
    var failure: SampleError?
    var reader = try dataset.reader()
    while let entry = reader.next() {
      samples += 1
      switch entry {
      case .success(let sample) where counts.indices.contains(sample.label):
        counts[sample.label] += 1
      case .failure(let error) where error.kind == .emptyClass:
        throw TrainingError(
          code: .unsuitableData,
          message: "\(error); add images of the class or remove it")
      case .failure(let error) where error.kind == .wrongNumbering:
        throw TrainingError(
          code: .unsuitableData, message: "\(error)")
      case .success(let sample):
        throw TrainingError(
          code: .unsuitableData,
          message: "\(printablePath(sample.name)): its label is \(sample.label); 0 to "
            + "\(classes.count - 1) are expected")
      case .failure(let error): failure = failure ?? error
      }
    }
    return (counts, samples, failure)
  }

  /// Classes without an image, which lists may have.
  public var emptyClasses: [String] {
    counts.indices.filter { counts[$0] == 0 }.map(classes.name)
  }
}
