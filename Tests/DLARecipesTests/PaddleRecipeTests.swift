import DLAData
import DLAModels
import DLARecipes
import DLATraining
import Testing
import _DLATestSupport

struct PaddleRecipeTests {
  @Test func aWholeRecipeIsWhatItSays() throws {
    let found = try recipe()
    #expect(found.variant.name == "dla34")
    #expect(found.classCount == 10)
    #expect(found.pretrained == .none)
    var training = TrainingRecipe()
    training.epochs = 90
    training.batchSize = 32
    training.dropsLast = false
    training.optimizer = .sgd(momentum: 0.9, isNesterov: false)
    training.weightDecay = 1e-4
    training.learningRate = LearningRateRecipe(
      base: 0.2, curve: .cosine(minimum: 0), warmUp: .init(epochs: 5, start: 1e-3))
    training.augmentation = Augmentation(
      crop: .resized(
        RandomResizedCrop(usesLogarithm: false, resamplings: [Resampling(.bilinear)])),
      flip: 0.5)
    #expect(found.recipe == training)
    #expect(
      found.preset
        == Preset(
          name: "paddle", convention: .opencv, resizeShort: 80, crop: 64, mean: [0.5, 0.4, 0.3],
          standardDeviation: [0.25, 0.2, 0.1]))
    #expect(found.training == .init(imageRoot: "./data/", path: "./data/train.txt"))
    #expect(found.validation == .init(imageRoot: "./data/", path: "./data/val.txt"))
    #expect(found.run.outputFolder == "./out/")
    #expect(found.run.evaluationInterval == 2)
    #expect(found.run.firstEvaluation == 1)
    #expect(try recipe("Global.start_eval_epoch=7").run.firstEvaluation == 7)
    #expect(found.run.loggingInterval == 20)
    #expect(
      found.notes == [
        "r.yaml, line 4: Global.device is gpu; the training runs on this machine's CPU",
        "r.yaml: without effect here: Global.save_interval, Global.use_visualdl, "
          + "DataLoader.Train.loader.num_workers, DataLoader.Train.loader.use_shared_memory, "
          + "DataLoader.Eval.sampler.batch_size, DataLoader.Eval.sampler.drop_last, "
          + "DataLoader.Eval.sampler.shuffle, "
          + "DataLoader.Eval.loader.num_workers, DataLoader.Eval.loader.use_shared_memory",
      ])
  }

  @Test func aFileIsReadAsItsBytesAre() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(wholeRecipe, to: "r.yaml")
    let found = try PaddleRecipe(path: path, overrides: ["Global.epochs=10"])
    #expect(found.recipe == (try recipe("Global.epochs=10")).recipe)
    for path in [folder.path("none.yaml"), folder.url.path, ""] {
      let error = try #require(throws: RecipeError.self) { try PaddleRecipe(path: path) }
      #expect(error.code == .unreadable)
    }
    let large = try folder.write(repeatElement(0x61, count: 2 << 20), to: "large.yaml")
    #expect(throws: RecipeError.self) { try PaddleRecipe(path: large) }
  }

  // MARK: - Global and Arch

  @Test func allTenNetworksOfPaddleClasAreKnown() throws {
    for name in [
      "DLA34", "DLA46_c", "DLA46x_c", "DLA60", "DLA60x", "DLA60x_c", "DLA102", "DLA102x",
      "DLA102x2", "DLA169",
    ] {
      #expect(try recipe("Arch.name=\(name)").variant.name == name.lowercased())
    }
  }

  @Test func weightsToBeginWithComeFromGlobalBeforeArch() throws {
    #expect(try recipe("Arch.pretrained=True").pretrained == .published)
    #expect(try recipe("Arch.pretrained=False").pretrained == .none)
    #expect(try recipe("Arch.pretrained=./w/DLA34").pretrained == .file("./w/DLA34"))
    let address = "https://host/DLA34_pretrained.pdparams"
    #expect(try recipe("Arch.pretrained=\(address)").pretrained == .address(address))
    #expect(
      try recipe("Arch.pretrained=True", "Global.pretrained_model=./w/DLA34").pretrained
        == .file("./w/DLA34"))
  }

  @Test func otherSettingsAreRead() throws {
    #expect(try recipe("Global.eval_during_train=False").run.evaluationInterval == nil)
    #expect(try recipe("Global.update_freq=4").recipe.accumulationSteps == 4)
    #expect(try recipe("Global.seed=7").recipe.seed == 7)
    #expect(try recipe("Global.device=cpu").notes.count == 1)
    #expect(try recipe("Arch.drop_rate=0.2").recipe.dropout == 0.2)
    #expect(try recipe(replacing: ", class_num: 10", by: "").classCount == 1000)
    #expect(try recipe(replacing: "device: gpu", by: "class_num: 7").classCount == 10)
    #expect(try recipe("EMA.decay=0.999").recipe.average == .init(decay: 0.999, warmsUp: false))
    #expect(try recipe("EMA={}").recipe.average == .init(decay: 0.9999, warmsUp: false))
    #expect(try recipe("AMP=None").recipe == (try recipe()).recipe)
    #expect(try recipe("AMP={}").recipe == (try recipe()).recipe)
    for mixed in ["AMP.use_amp=True", "AMP={level: O1}"] {
      #expect(try recipe(mixed).recipe == (try recipe()).recipe)
      #expect(try recipe(mixed).notes.contains { $0.contains("the training computes in float32") })
    }
    #expect(
      try recipe("Optimizer.lr={name: Linear, learning_rate: 0.1, end_lr: 0.01, power: 2}")
        .recipe.learningRate.curve == .polynomial(minimum: 0.01, power: 2))
  }

  @Test func aRecipeMayHaveNoEvaluation() throws {
    let found = try recipe("DataLoader.Eval=None", "Global.eval_during_train=False")
    #expect(found.validation == nil)
    #expect(found.preset.crop == 64 && found.preset.resizeShort == 73)
    #expect(found.preset.mean == [0.5, 0.4, 0.3])
  }

  @Test func aListMayHaveAnotherDelimiter() throws {
    let cases: [(String, Character?)] = [("' '", nil), ("','", ","), ("\"\\t\"", "\t")]
    for (text, delimiter) in cases {
      let found = try recipe("DataLoader.Train.dataset.delimiter=\(text)")
      #expect(found.training.delimiter == delimiter, "\(text)")
      #expect(found.validation?.delimiter == nil)
    }
  }

  /// Mean and deviation of values from 0 to 255.
  @Test func aScaleOfOneIsThatOfBytes() throws {
    let normalization = "DataLoader.Train.dataset.transform_ops.3.NormalizeImage"
    let found = try recipe(
      "DataLoader.Eval=None", "Global.eval_during_train=False", "\(normalization).scale=1.0",
      "\(normalization).mean=[127.5, 102, 76.5]", "\(normalization).std=[63.75, 51, 25.5]")
    #expect(found.preset.mean == [0.5, 0.4, 0.3])
    #expect(found.preset.standardDeviation == [0.25, 0.2, 0.1])
  }

  // MARK: - Optimizer

  @Test func optimizersAreWhatTheySay() throws {
    #expect(
      try recipe("Optimizer.use_nesterov=True").recipe.optimizer
        == .sgd(momentum: 0.9, isNesterov: true))
    let plain = try recipe("Optimizer={name: SGD, lr: {learning_rate: 0.3}, weight_decay: 0.01}")
      .recipe
    #expect(plain.optimizer == .sgd(momentum: 0, isNesterov: false))
    #expect(plain.weightDecay == 0.01)
    #expect(plain.learningRate == LearningRateRecipe(base: 0.3, curve: .constant))
    let adam = "name: AdamW, weight_decay: 0.05, lr: {name: Cosine, learning_rate: 1e-3}"
    #expect(
      try recipe("Optimizer={\(adam)}").recipe.optimizer
        == .adamW(momentum: 0.9, squareMomentum: 0.999, epsilon: 1e-8))
    let other = try recipe("Optimizer={\(adam), beta1: 0.8, beta2: 0.99, epsilon: 1e-6}").recipe
    #expect(other.optimizer == .adamW(momentum: 0.8, squareMomentum: 0.99, epsilon: 1e-6))
    #expect(other.weightDecay == 0.05 && other.decaying == .all)
    let rate = "lr: {learning_rate: 0.1}"
    let coupled = try recipe(
      "Optimizer={name: Adam, \(rate), beta2: 0.99, regularizer: {name: L2, coeff: 1e-5}}"
    ).recipe
    #expect(coupled.optimizer == .adam(momentum: 0.9, squareMomentum: 0.99, epsilon: 1e-8))
    #expect(coupled.weightDecay == 1e-5)
    #expect(
      try recipe("Optimizer={name: RMSProp, \(rate)}").recipe.optimizer
        == .rmsProp(momentum: 0, squareMomentum: 0.95, epsilon: 1e-6))
    #expect(
      try recipe("Optimizer={name: RMSProp, \(rate), momentum: 0.9, rho: 0.8, epsilon: 1e-3}")
        .recipe.optimizer == .rmsProp(momentum: 0.9, squareMomentum: 0.8, epsilon: 1e-3))
    #expect(try recipe("Optimizer.clip_norm=10").recipe.clipping == .normOfEach(10))
  }

  @Test func parametersThatDoNotDecayAreNormsAndBiasesOrNone() throws {
    func decaying(_ settings: String, _ name: String = "AdamW") throws -> TrainingRecipe.Decay {
      let momentum = name == "Momentum" ? "momentum: 0.9," : ""
      return try recipe(
        "Optimizer={name: \(name), \(momentum) weight_decay: 0.05, lr: {learning_rate: 0.1}, "
          + "\(settings)}"
      ).recipe.decaying
    }
    #expect(try decaying("one_dim_param_no_weight_decay: True") == .weights)
    #expect(try decaying("one_dim_param_no_weight_decay: False") == .all)
    #expect(try decaying("no_weight_decay_name: pos_embed") == .all)
    #expect(
      try decaying("no_weight_decay_name: .bias bn, one_dim_param_no_weight_decay: True")
        == .weights)
    // PaddleClas's Momentum looks at dimensions only where there are names.
    #expect(try decaying("one_dim_param_no_weight_decay: True", "Momentum") == .all)
    #expect(
      try decaying("no_weight_decay_name: x, one_dim_param_no_weight_decay: True", "Momentum")
        == .weights)
    for settings in ["no_weight_decay_name: .bias", "no_weight_decay_name: fc"] {
      let error = try #require(throws: RecipeError.self) { try decaying(settings) }
      #expect(error.code == .unsupported)
    }
  }

  @Test func regularizersAreDecay() throws {
    #expect(try recipe("Optimizer.regularizer=None").recipe.weightDecay == 0)
    #expect(
      try recipe("Optimizer.regularizer=None", "Optimizer.weight_decay=0.2").recipe.weightDecay
        == 0.2)
    let both = try recipe("Optimizer.weight_decay=0.2")
    #expect(both.recipe.weightDecay == 1e-4)
    #expect(both.notes.contains { $0.contains("Optimizer.weight_decay has no effect") })
  }

  // MARK: - Learning rate

  private func learningRate(_ settings: String) throws -> LearningRateRecipe {
    try recipe("Optimizer.lr={\(settings)}").recipe.learningRate
  }

  @Test func curvesAreWhatTheySay() throws {
    #expect(
      try learningRate("name: Constant, learning_rate: 0.1, by_epoch: True, warmup_epoch: 5")
        == LearningRateRecipe(base: 0.1, curve: .constant))
    #expect(
      try learningRate("name: ConstLR, learning_rate: 0.1, warmup_epoch: 2.5")
        == LearningRateRecipe(base: 0.1, curve: .constant, warmUp: .init(epochs: 2.5)))
    #expect(
      try learningRate("name: Cosine, learning_rate: 0.1, eta_min: 1e-5, by_epoch: True")
        == LearningRateRecipe(base: 0.1, curve: .cosine(minimum: 1e-5), changesByEpoch: true))
    #expect(
      try learningRate("name: Step, learning_rate: 0.1, step_size: 2.4, gamma: 0.97")
        == LearningRateRecipe(base: 0.1, curve: .step(everyEpochs: 2.4, factor: 0.97)))
    #expect(
      try learningRate("name: MultiStepDecay, learning_rate: 0.5, milestones: [3, 5], gamma: 0.5")
        == LearningRateRecipe(
          base: 0.5, curve: .piecewise(epochs: [3, 5], rates: [0.5, 0.25, 0.125])))
    #expect(
      try learningRate("name: Piecewise, decay_epochs: [30, 60], values: [0.1, 0.03, 1e-3]")
        == LearningRateRecipe(
          base: 0.1, curve: .piecewise(epochs: [30, 60], rates: [0.1, 0.03, 1e-3])))
    #expect(
      try learningRate(
        "name: Piecewise, decay_epochs: [30], values: [0.1, 0.03], learning_rate: null"
      )
      .curve
        == .piecewise(epochs: [30], rates: [0.1, 0.03]))
    #expect(
      try learningRate("name: Cosine, learning_rate: 0.1, warmup_epoch: 500").warmUp
        == .init(epochs: 90))
  }

  /// `learning_rate.py`: `if learning_rate: decay_epochs = list(range(0, epochs, 30))`.
  @Test func piecewiseWithALearningRateIsATenthEveryThirtyEpochs() throws {
    let found = try recipe(
      "Optimizer.lr={name: Piecewise, learning_rate: 0.1, decay_epochs: [5], values: [1, 2]}")
    #expect(
      found.recipe.learningRate
        == LearningRateRecipe(base: 0.1, curve: .step(everyEpochs: 30, factor: 0.1)))
    #expect(found.notes.contains { $0.contains("decay_epochs and values have no effect") })
  }

  @Test func anotherCurveMayBeChosenBesideTheSettingsOfTheFirst() throws {
    let found = try recipe("Optimizer.lr.decay_epochs=[30]", "Optimizer.lr.values=[0.1, 0.01]")
    #expect(found.recipe.learningRate == (try recipe()).recipe.learningRate)
    #expect(found.notes.contains { $0.contains("Optimizer.lr.decay_epochs, Optimizer.lr.values") })
  }

  // MARK: - Loss and mixing

  @Test func anEpsilonIsLabelSmoothing() throws {
    #expect(try recipe("Loss.Train.0.CELoss.epsilon=0.1").recipe.labelSmoothing == 0.1)
    #expect(
      try recipe("Loss.Train=[{MixCELoss: {weight: 1.0, epsilon: 0.2}}]").recipe.labelSmoothing
        == 0.2)
    let weighted = try recipe("Loss.Train.0.CELoss.weight=2")
    #expect(weighted.notes.contains { $0.contains("weight of a single loss has no effect") })
  }

  private func mixing(_ operators: String) throws -> TrainingRecipe.Mixing {
    try recipe("DataLoader.Train.dataset.batch_transform_ops=[\(operators)]").recipe.mixing
  }

  @Test func batchOperatorsMix() throws {
    #expect(try mixing("") == .init())
    #expect(try mixing("{MixupOperator: {alpha: 0.3}}") == .init(mixup: 0.3))
    #expect(try mixing("{MixupOperator: }") == .init(mixup: 1))
    #expect(try mixing("{CutmixOperator: {alpha: 1.0}}") == .init(cutmix: 1))
    #expect(try mixing("{CutmixOperator: }") == .init(cutmix: 0.2))
    let half = try mixing(
      "{OpSampler: {MixupOperator: {alpha: 0.8, prob: 0.5}, CutmixOperator: {prob: 0.25}}}")
    #expect(half == .init(mixup: 0.8, cutmix: 0.2, probability: 0.75, cutmixFraction: 1.0 / 3))
    let one = try mixing("{OpSampler: {CutmixOperator: {alpha: 1, prob: 1}, MixupOperator: {}}}")
    #expect(one == .init(cutmix: 1, cutmixFraction: 1))
    let mixed = try recipe(
      "DataLoader.Train.dataset.batch_transform_ops=[{MixupOperator: {alpha: 0.3}}]")
    #expect(mixed.notes.contains { $0.contains("softmax") })
  }
}
