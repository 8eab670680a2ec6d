import DLAData
import Foundation
import _DLATestSupport

/// Everything that a dataset gives, in short: `name label`, or `name: message`.
///
/// Names are shortened to what stands behind the folder they are in.
func contents(_ dataset: any Dataset, in folder: TemporaryFolder) throws -> [String] {
  try samples(dataset).map { sample in
    switch sample {
    case .success(let sample): "\(sample.name) \(sample.label)"
    case .failure(let error): "\(error)"
    }
  }.map { $0.replacingOccurrences(of: folder.url.path + "/", with: "") }
}

/// Everything that a dataset gives.
func samples(_ dataset: any Dataset) throws -> [Result<Sample, SampleError>] {
  var reader = try dataset.reader()
  var samples: [Result<Sample, SampleError>] = []
  while let sample = reader.next() { samples.append(sample) }
  return samples
}

extension ClassNames {
  /// Three classes that have names.
  static let pets = ClassNames(count: 3, names: ["cat", "dog", "gray wolf, timber wolf"])
}

extension DatasetSource {
  /// Tells and opens what is in a file of a folder.
  static func open(
    _ name: String, in folder: TemporaryFolder, classes: ClassNames = ClassNames(count: 3)
  ) throws -> any Dataset { try DatasetSource(folder.path(name)).open(classes: classes) }
}
