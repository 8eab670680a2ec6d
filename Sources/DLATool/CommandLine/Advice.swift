import DLAHub
import DLATraining
import DeepLayerAggregation

/// Command-line options that may resolve errors of the library, by error code.
///
/// Messages of the library name causes; they are the same for programs without a command line.
enum Advice {
  /// The message of an error, followed by advice if there is any for a command.
  static func message(_ error: any Error, in command: (any Command.Type)?) -> String {
    let accepted = Set(command?.options.map(\.name) ?? [])
    guard let advice = advice(error), options(in: advice).isSubset(of: accepted) else {
      return "\(error)"
    }
    return "\(error); \(advice)"
  }

  private static func advice(_ error: any Error) -> String? {
    switch error {
    case let error as CheckpointError:
      switch error.code {
      case .otherModel: "leave out --model or name another one"
      case .unknownModel: "--model MODEL lists the differences from one"
      case .missingClassifier: "dla convert --new-head adds a random one to train"
      case .wrongClassCount:
        "leave out --classes, or replace the classifier with dla convert --new-head"
      case .float16Overflow: "leave out --half"
      default: nil
      }
    case let error as ClassifierError:
      switch error.code {
      case .unsuitableChannels: "use dla run with tensors"
      case .unsuitableCrop: "change --crop or --resize-short"
      case .unreadableDescription:
        "--preset, --interpolation, --resize-short, --crop, --mean and --std together replace it, --labels the names"
      case .labelCount: "check --labels"
      default: nil
      }
    case let error as DatasetError:
      switch error.code {
      case .noImageColumn: "name it with --image-column"
      case .noLabelColumn: "name it with --label-column"
      case .unknownClassFolder: "name the classes with --labels"
      case .splits: "name the classes with --labels if they are classes"
      case .unreadable, .labelOutOfRange: nil
      }
    case let error as TrainingError:
      switch error.code {
      case .unknownPart: "see --freeze and --lr-scale"
      case .unsuitableBatch: "change --batch-size or --crop"
      case .tooManyUnreadable: "raise --max-unreadable"
      case .notACheckpoint: "--weights FILE starts from weights alone"
      case .otherSettings:
        "pass the same options, or start in another --output, maybe with --weights RUN/last.safetensors"
      case .folderInUse: "wait for it, or name another --output"
      case .tooFewImages: "lower --batch-size"
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

  /// The options that a text names, but for those of another command at its end.
  private static func options(in text: String) -> Set<String> {
    let own = text.firstRange(of: "dla ").map { text[..<$0.lowerBound] } ?? text[...]
    return Set(
      own.split(separator: " ").filter { $0.hasPrefix("--") }.map {
        String($0.prefix { $0 != "," })
      })
  }
}
