import DLAData

/// How a network is trained: everything beside network and data that decides the result.
///
/// The defaults are those of `dla train`. PaddleClas's YAML files become recipes too, see
/// `PaddleRecipe`.
public struct TrainingRecipe: Sendable, Equatable {
  /// The rule by which gradients change parameters.
  public enum Optimizer: Sendable, Equatable {
    /// Gradient descent with momentum, Nesterov's or the plain one.
    case sgd(momentum: Double = 0.9, isNesterov: Bool = false)
    /// Adam with decoupled weight decay.
    case adamW(momentum: Double = 0.9, squareMomentum: Double = 0.999, epsilon: Double = 1e-8)
  }

  /// Which parameters decay.
  public enum Decay: String, Sendable, CaseIterable {
    /// All of them.
    case all
    /// Weights of convolutions alone: neither norms nor biases.
    case weights
  }

  /// A bound on gradients.
  public enum Clipping: Sendable, Equatable {
    /// The L2 norm of all of them together.
    case norm(Double)
    /// Each of them.
    case value(Double)
  }

  /// A moving average of the weights.
  public struct Average: Sendable, Equatable {
    /// The share of the average that an update keeps.
    public var decay: Double
    /// Whether the share grows in the beginning, as in timm's `ModelEmaV3`.
    public var warmsUp: Bool

    /// Describes a moving average.
    ///
    /// - Parameters:
    ///   - decay: the share of the average that an update keeps.
    ///   - warmsUp: whether the share grows in the beginning.
    public init(decay: Double, warmsUp: Bool = true) {
      self.decay = decay
      self.warmsUp = warmsUp
    }
  }

  /// How images of a batch are mixed.
  public struct Mixing: Sendable, Equatable {
    /// The beta distribution's parameter for mixup; 0 for none.
    public var mixup: Double
    /// The beta distribution's parameter for cutmix; 0 for none.
    public var cutmix: Double
    /// The share of batches that are mixed.
    public var probability: Double
    /// With both, the share of mixed batches that cutmix has.
    public var cutmixShare: Double

    /// Describes how images are mixed; none are unless a parameter is above 0.
    ///
    /// - Parameters:
    ///   - mixup: the beta distribution's parameter for mixup; 0 for none.
    ///   - cutmix: the beta distribution's parameter for cutmix; 0 for none.
    ///   - probability: the share of batches that are mixed.
    ///   - cutmixShare: with both, the share of mixed batches that cutmix has.
    public init(
      mixup: Double = 0, cutmix: Double = 0, probability: Double = 1, cutmixShare: Double = 0.5
    ) {
      self.mixup = mixup
      self.cutmix = cutmix
      self.probability = probability
      self.cutmixShare = cutmixShare
    }
  }

  /// Passes over the data.
  public var epochs = 30
  /// Images that pass the network together.
  public var batchSize = 64
  /// Batches whose gradients are added up for one update.
  public var accumulation = 1
  /// Whether images at an epoch's end that fill no batch are left out.
  public var dropsLast = true
  /// What everything random follows from.
  public var seed: UInt64 = 0
  /// The rule by which gradients change parameters.
  public var optimizer = Optimizer.sgd(isNesterov: true)
  /// The weight decay.
  public var weightDecay = 1e-4
  /// Which parameters decay.
  public var decaying = Decay.all
  /// The learning rate of every update.
  public var rate = RateRecipe()
  /// A bound on gradients; nil for none.
  public var clipping: Clipping?
  /// A moving average of the weights, which is then what is evaluated; nil for none.
  public var average: Average?
  /// The share of a target that all classes have in common.
  public var labelSmoothing = 0.0
  /// How images of a batch are mixed.
  public var mixing = Mixing()
  /// The share of pooled features that are zeroed before the classifier.
  public var dropout = 0.0
  /// How a sample is changed at random.
  public var augmentation = Augmentation(crop: .resized(RandomResizedCrop()))
  /// The weight of a batch in batch norm's running statistics.
  public var batchNormMomentum = 0.1
  /// Parts that are left as they are, for instance `level0`.
  public var frozen: [String] = []
  /// Factors of the learning rate by part, for instance `["fc": 10]`.
  public var rateFactors: [String: Double] = [:]

  /// A recipe of the defaults.
  public init() {}
}
