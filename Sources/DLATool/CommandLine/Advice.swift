import DLAHub
import DeepLayerAggregation

/// Command-line options that may resolve errors of the library, by error code.
///
/// Messages of the library name causes; they are the same for programs without a command line.
enum Advice {
  /// The message of an error, followed by advice for a command if there is any.
  static func message(_ error: any Error, in command: (any Command.Type)?) -> String {
    let accepted = Set(command?.options.map(\.name) ?? [])
    guard let advice = advice(error, isGiven: isGiven),
      options(in: advice).isSubset(of: accepted)
    else { return "\(error)" }
    return "\(error); \(advice)"
  }

  private static func advice(_ error: any Error, isGiven: (String) -> Bool) -> String? {
    switch error {
    case let error as CheckpointError:
      switch error.code {
      case .wrongModel:
        isGiven("--model")
          ? "leave out --model or name another one" : "--model MODEL lists the differences from one"
      case .wrongClassCount: "--classes N sets the expected count"
      case .nonFinite: isGiven("--half") ? "without --half the weights stay float32" : nil
      default: nil
      }
    case let error as DatasetError:
      switch error.code {
      case .noImageColumn: "name it with --image-column"
      case .noLabelColumn: "name it with --label-column"
      case .unknownClassFolder: "name the classes with --labels"
      case .unreadable: nil
      }
    case let error as TrainingError:
      switch error.code {
      case .unknownPart: "see --freeze and --lr-scale"
      case .unsuitableBatch: "change --batch-size or --crop"
      case .tooManyUnreadable: "raise --max-unreadable"
      case .notACheckpoint: "--weights FILE starts from weights alone"
      default: nil
      }
    case let error as CUDAError:
      switch error.code {
      case .missingLibrary, .driverTooOld, .noSuchDevice, .deviceTooOld:
        "--device cpu needs no GPU"
      case .unsupportedPrecision: "choose another --precision"
      case .outOfMemory: "lower --batch-size"
      default: nil
      }
    case let error as HubError:
      switch error.code {
      case .exists: "--force replaces it"
      default: nil
      }
    default: nil
    }
  }

  /// Whether an option is on the command line.
  private static func isGiven(_ option: String) -> Bool {
    CommandLine.arguments.dropFirst().contains { $0 == option || $0.hasPrefix("\(option)=") }
  }

  /// The options that a text names.
  private static func options(in text: String) -> Set<String> {
    Set(
      text.split(separator: " ").filter { $0.hasPrefix("--") }.map {
        String($0.prefix { $0 != "," })
      })
  }
}
