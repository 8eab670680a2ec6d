import DLAData

/// The settings of a training: all that decides the result besides network and data.
///
/// The defaults are those of `dla train`. PaddleClas's YAML files become recipes too, see
/// `PaddleRecipe`.
public struct TrainingRecipe: Sendable, Equatable {
  /// The rule by which gradients change parameters.
  public enum Optimizer: Sendable, Equatable {
    /// Gradient descent with momentum, Nesterov's or the plain one.
    case sgd(momentum: Double = 0.9, isNesterov: Bool = false)
    /// Adam; weight decay is part of the gradient.
    case adam(momentum: Double = 0.9, squareMomentum: Double = 0.999, epsilon: Double = 1e-8)
    /// Adam with decoupled weight decay.
    case adamW(momentum: Double = 0.9, squareMomentum: Double = 0.999, epsilon: Double = 1e-8)
    /// RMSProp with momentum, ε inside the root, as Paddle's; the defaults are those of PaddleClas's
    /// recipes.
    case rmsProp(momentum: Double = 0.9, squareMomentum: Double = 0.9, epsilon: Double = 1e-3)
  }

  /// The parameters with weight decay.
  public enum Decay: String, Sendable, CaseIterable {
    /// All of them.
    case all
    /// Weights of convolutions and linear layers: tensors of two dimensions or more, without batch
    /// norms and biases.
    case weights
  }

  /// A bound on gradients.
  public enum Clipping: Sendable, Equatable {
    /// The largest L2 norm of all gradients together; they are scaled as by `clip_grad_norm_`.
    case norm(Double)
    /// The largest L2 norm of each tensor's gradients by themselves; Paddle's `ClipGradByNorm`.
    case normOfEach(Double)
    /// The largest absolute value of each gradient.
    case value(Double)
  }

  /// A moving average of the weights.
  public struct Average: Sendable, Equatable {
    /// The share of the average that an update keeps.
    public var decay: Double
    /// True if the share grows in the beginning, as in timm's `ModelEmaV3`.
    public var warmsUp: Bool

    /// Describes a moving average.
    ///
    /// - Parameters:
    ///   - decay: the share of the average that an update keeps.
    ///   - warmsUp: whether the share grows in the beginning.
    public init(decay: Double, warmsUp: Bool = true) {
      (self.decay, self.warmsUp) = (decay, warmsUp)
    }
  }

  /// Mixup and cutmix.
  public struct Mixing: Sendable, Equatable {
    /// The beta distribution's parameter for mixup; 0 for none.
    public var mixup: Double
    /// The beta distribution's parameter for cutmix; 0 for none.
    public var cutmix: Double
    /// The share of batches that are mixed.
    public var probability: Double
    /// With both, the share of mixed batches that cutmix has.
    public var cutmixFraction: Double

    /// Describes how images are mixed; none are unless a parameter is above 0.
    public init(
      mixup: Double = 0, cutmix: Double = 0, probability: Double = 1, cutmixFraction: Double = 0.5
    ) {
      (self.mixup, self.cutmix, self.probability) = (mixup, cutmix, probability)
      self.cutmixFraction = cutmixFraction
    }
  }

  /// The side of training crops, in pixels; nil for that of evaluation.
  public var crop: Int?
  /// Passes over the data.
  public var epochs = 30
  /// Images that pass the network together.
  public var batchSize = 64
  /// Batches whose gradients are added up for one update.
  public var accumulationSteps = 1
  /// True if images at an epoch's end that fill no batch are left out.
  public var dropsLast = true
  /// The seed of all random numbers.
  public var seed: UInt64 = 0
  /// The rule by which gradients change parameters.
  public var optimizer = Optimizer.sgd(isNesterov: true)
  /// The weight decay.
  public var weightDecay = 1e-4
  /// The parameters with weight decay.
  public var decaying = Decay.all
  /// The learning rate of every update.
  public var learningRate = LearningRateRecipe()
  /// A bound on gradients; nil for none.
  public var clipping: Clipping?
  /// A moving average of the weights, which is evaluated in their place; nil for none.
  public var average: Average?
  /// The share of a target that all classes have in common.
  public var labelSmoothing = 0.0
  /// The weights of the classes in the loss; nil if all count alike.
  public var classWeights: ClassWeights?
  /// Mixup and cutmix.
  public var mixing = Mixing()
  /// The share of pooled features that are zeroed before the classifier.
  public var dropout = 0.0
  /// The augmentation of samples.
  public var augmentation = Augmentation(crop: .resized(RandomResizedCrop()))
  /// The weight of a batch in batch norm's running statistics.
  public var batchNormMomentum = 0.1
  /// Parts that are left as they are, for instance `level0`.
  public var frozen: [String] = []
  /// Factors of the learning rate by part, for instance `["fc": 10]`.
  public var learningRateScales: [String: Double] = [:]

  /// A recipe of the defaults.
  public init() {}
}
