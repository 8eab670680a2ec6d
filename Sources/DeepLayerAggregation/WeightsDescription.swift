import DLACheckpoints
import DLAData

/// What a file of weights says about its use, in the metadata of safetensors: the network, the names of
/// its classes, and how images become its input.
public struct WeightsDescription: Sendable, Equatable {
  /// The network's name; nil if the file does not say.
  public var model: String?
  /// The names of the classes, in order; empty if the file does not say.
  public var classes: [String]
  /// How images become the input; nil if the file does not say, or not in full.
  public var preset: Preset?

  /// Describes weights.
  ///
  /// - Parameters:
  ///   - model: the network's name.
  ///   - classes: the names of the classes, in order; empty if they have none.
  ///   - preset: how images become the input.
  public init(model: String? = nil, classes: [String] = [], preset: Preset? = nil) {
    self.model = model
    self.classes = classes
    self.preset = preset
  }

  /// Reads what a file says; what makes no sense counts as not said.
  ///
  /// - Parameter metadata: the file's metadata.
  public init(metadata: [String: String]) {
    model = metadata["model"]
    // A line each, since a name may hold a comma; as bytes, since a character may hold two of them.
    classes =
      metadata["classes"].map { text in
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
          .map { String(decoding: $0, as: UTF8.self) }
      } ?? []
    preset = (try? Preset(metadata: metadata)) ?? nil
  }

  /// The same as metadata.
  public var metadata: [String: String] {
    var metadata = preset?.metadata ?? [:]
    metadata["format"] = "pt"
    metadata["model"] = model
    // Names that would not come back as they are stay unsaid.
    if !classes.isEmpty, !classes.contains(where: { $0.isEmpty || $0.utf8.contains(0x0A) }) {
      metadata["classes"] = classes.joined(separator: "\n")
    }
    return metadata
  }
}
