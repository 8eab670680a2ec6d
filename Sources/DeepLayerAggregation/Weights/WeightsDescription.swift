import DLACheckpoints
import DLAData

/// The description of its use in a weights file: the model, its classes and its preprocessing.
///
/// It is stored in the metadata of a safetensors file.
public struct WeightsDescription: Sendable, Equatable {
  /// The model's name; nil if the file does not give it.
  public var model: String?
  /// The names of the classes, in order; empty if the file gives none.
  public var classes: [String]
  /// The preprocessing; nil if the file does not describe it.
  public var preset: Preset?

  /// Describes weights.
  ///
  /// - Parameters:
  ///   - model: the model's name.
  ///   - classes: the names of the classes, in order; empty if they have none.
  ///   - preset: the preprocessing.
  public init(model: String? = nil, classes: [String] = [], preset: Preset? = nil) {
    (self.model, self.classes, self.preset) = (model, classes, preset)
  }

  /// Reads a file's description.
  ///
  /// - Parameter file: the weights file.
  /// - Throws: ``ClassifierError`` with `.unreadableDescription` if a setting of the preprocessing is
  ///   missing beside others or can't be read.
  public init(of file: CheckpointFile) throws(ClassifierError) {
    self.init(names: file.metadata)
    do {
      preset = try Preset(metadata: file.metadata)
    } catch {
      throw ClassifierError(
        .unreadableDescription, "\(file.name): its metadata can't be used: \(error.message)",
        cause: error)
    }
  }

  /// All but the preprocessing, whose settings may be unreadable.
  package init(names metadata: [String: String]) {
    model = metadata["model"]
    // A name may contain a comma, so each has a line; split as bytes, since a character may hold
    // several of them.
    classes =
      metadata["classes"].map { text in
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
          .map { String(decoding: $0, as: UTF8.self) }
      } ?? []
  }

  /// The description as metadata of a safetensors file.
  public var metadata: [String: String] {
    var metadata = preset?.metadata ?? [:]
    metadata["format"] = "pt"
    metadata["model"] = model
    // Names that could not be read back are left out.
    if !classes.isEmpty, !classes.contains(where: { $0.isEmpty || $0.utf8.contains(0x0A) }) {
      metadata["classes"] = classes.joined(separator: "\n")
    }
    return metadata
  }
}
