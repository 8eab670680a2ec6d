import DLACheckpoints
import DLAData
import DLAText

/// The description of its use in a weights file: the model, its classes and its preprocessing.
///
/// It is stored in the metadata of a safetensors file.
public struct WeightsDescription: Sendable, Equatable {
  /// The model's name; nil if the file does not give it.
  public var model: String?
  /// The names of the classes, in order; empty if the file gives none.
  public var classes: [String]
  /// Identifiers of the classes in files, for instance WordNet synsets, in order; empty if the file gives
  /// none.
  public var identifiers: [String] = []
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

  /// Reads a file's description: its metadata, and timm's `config.json` beside it.
  ///
  /// - Parameter file: the weights file.
  /// - Throws: ``ClassifierError`` with `.unreadableDescription` if a setting of the preprocessing is
  ///   missing beside others or can't be read.
  public init(of file: CheckpointFile) throws(ClassifierError) {
    let metadata = try file.describingMetadata()
    self.init(names: metadata)
    do {
      preset = try Preset(metadata: metadata)
    } catch {
      throw ClassifierError(
        .unreadableDescription, "\(file.name): its metadata can't be used: \(error.message)",
        cause: error)
    }
  }

  /// Reads the text of timm's `config.json`.
  ///
  /// - Throws: `ClassifierError` with `.unreadableDescription` if it can't be used.
  package init(configuration: [UInt8]) throws(ClassifierError) {
    self.init()
    do throws(Fault) {
      let configuration = try HubConfiguration(configuration)
      guard let architecture = configuration.architecture else { return }
      (model, preset) = (architecture, try configuration.preset())
      (classes, identifiers) = try configuration.classes()
    } catch {
      throw ClassifierError(.unreadableDescription, "config.json: \(error.text)", cause: error)
    }
  }

  /// All but the preprocessing, whose settings may be unreadable.
  package init(names metadata: [String: String]) {
    model = metadata["model"]
    classes = Self.lines(metadata["classes"])
    identifiers = Self.lines(metadata["identifiers"])
  }

  /// A name may contain a comma, so each has a line; split as bytes, since a character may hold
  /// several of them.
  private static func lines(_ text: String?) -> [String] {
    guard let text else { return [] }
    return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The description as metadata of a safetensors file.
  public var metadata: [String: String] {
    var metadata = preset?.metadata ?? [:]
    metadata["format"] = "pt"
    metadata["model"] = model
    for (key, names) in [("classes", classes), ("identifiers", identifiers)] {
      // Names that could not be read back are left out.
      if !names.isEmpty, !names.contains(where: { $0.isEmpty || $0.utf8.contains(0x0A) }) {
        metadata[key] = names.joined(separator: "\n")
      }
    }
    return metadata
  }
}

extension CheckpointFile {
  /// The metadata, with that of timm's `config.json` beside it where the file does not describe its
  /// preprocessing itself.
  ///
  /// - Throws: `ClassifierError` with `.unreadableDescription` if `config.json` can't be used.
  package func describingMetadata() throws(ClassifierError) -> [String: String] {
    guard let configuration, (try? Preset(metadata: metadata)) == nil else { return metadata }
    do {
      let description = try WeightsDescription(configuration: configuration)
      return metadata.merging(description.metadata) { own, _ in own }
    } catch {
      throw ClassifierError(error.code, "\(name): \(error.message)", cause: error)
    }
  }
}
