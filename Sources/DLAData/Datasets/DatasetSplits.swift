import DLASystem
import DLAText

/// The parts of a dataset that lie in folders of usual names, such as `train` and `val`.
public struct DatasetSplits: Sendable, Equatable {
  /// The folder of training images.
  public let training: String
  /// The folder of validation images, or else of test images; nil if there is none.
  public let validation: String?

  private static let trainingNames = ["train", "training"]
  private static let validationNames = [
    "val", "valid", "validation", "dev", "eval", "evaluation", "test", "testing",
  ]

  /// Finds the parts by their names in any case.
  ///
  /// - Parameter path: the folder that may hold them.
  /// - Returns: nil if there is no folder of training images. A class may be called `train` too: a
  ///   folder with images in it is a class.
  /// - Throws: `DatasetError` with `.splits` if two folders are called alike.
  public static func inside(_ path: String) throws(DatasetError) -> DatasetSplits? {
    let folders = Self.folders(path)
    func first(of names: [String]) throws(DatasetError) -> String? {
      for name in names {
        let found = folders.filter { $0.lowercased() == name }
        guard found.count < 2 else {
          throw DatasetError(
            .splits,
            "\(printablePath(path)): \(found.map { printable($0) }.joined(separator: " and ")) are "
              + "the same part of a dataset; name the one to use")
        }
        if let found = found.first { return ImageWalk.join(path, found) }
      }
      return nil
    }
    guard let training = try first(of: trainingNames), !holdsImages(training) else { return nil }
    return DatasetSplits(
      training: training, validation: try first(of: validationNames))
  }

  /// Refuses folders that are no classes, as far as their names tell.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - folders: the names of the folders in it.
  /// - Throws: `DatasetError` with `.splits`.
  package static func requireClasses(_ path: String, _ folders: [String]) throws(DatasetError) {
    guard folders.count > 1 else { return }
    let shown = summary(of: folders.map(PathText.shown))
    let usual = trainingNames + validationNames
    if folders.allSatisfy({ usual.contains($0.lowercased()) }),
      !folders.contains(where: { holdsImages(ImageWalk.join(path, $0)) })
    {
      throw DatasetError(
        .splits,
        "\(printablePath(path)): its folders \(shown) are the parts of a dataset, not classes; name "
          + "one of them")
    }
    // Read one after another, and only as long as they are alike.
    let classes = Self.folders(ImageWalk.join(path, folders[0]))
    guard classes.count > 1,
      folders.allSatisfy({
        let folder = ImageWalk.join(path, $0)
        return Self.folders(folder) == classes && !holdsImages(folder)
      })
    else { return }
    throw DatasetError(
      .splits,
      "\(printablePath(path)): its folders \(shown) all have the same subfolders, "
        + "\(summary(of: classes.map(PathText.shown))), so they look like parts of a dataset and "
        + "not like classes; name one of them")
  }

  private static func folders(_ path: String) -> [String] {
    (Folder.contents(of: path) ?? []).compactMap { $0.kind == .folder ? $0.name : nil }
  }

  private static func holdsImages(_ path: String) -> Bool {
    (Folder.contents(of: path) ?? []).contains {
      $0.kind != .folder && ImageWalk.isNamedAsImage($0.name)
    }
  }
}
