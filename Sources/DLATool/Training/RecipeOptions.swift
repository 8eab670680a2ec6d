import DLATraining
import DeepLayerAggregation

enum RecipeOptions {
  static let options = [
    Option("--epochs", "N", "Number of epochs. Default: 30."),
    Option("--batch-size", "N", "Images per batch. Default: 64."),
    Option(
      "--grad-accum-steps", "N", "Batches whose gradients one update accumulates. Default: 1."),
    Option("--drop-last", "on|off", "Drop the last, incomplete batch of an epoch. Default: on."),
    Option("--seed", "N", "Seed of all random numbers. Default: 0."),
    Option("--optimizer", "sgd|adam|adamw|rmsprop", "Default: sgd."),
    Option(
      "--momentum", "X", "Momentum of sgd and rmsprop, beta1 of adam and adamw. Default: 0.9."),
    Option("--nesterov", "on|off", "Nesterov momentum for sgd. Default: on."),
    Option("--weight-decay", "X", "Default: 1e-4, for adamw 0.05, for rmsprop 1e-5."),
    Option(
      "--decay", "all|weights",
      "Parameters with weight decay; weights: neither batch norms nor biases. Default: all."),
    Option(
      "--lr", "X",
      "Base learning rate. Default: 0.1 for sgd, 0.001 for adam and adamw, 0.008 for rmsprop, times "
        + "images per update / 128."),
    Option(
      "--schedule", Schedule.allCases.map(\.rawValue).joined(separator: "|"),
      "Learning rate schedule. Default: cosine."),
    Option(
      "--lr-epochs", "E,E",
      "piecewise: epochs at which the learning rate changes; step: epochs between two changes."),
    Option("--lr-values", "X,X,X", "piecewise: learning rates, one more than --lr-epochs."),
    Option("--lr-factor", "X", "step: factor of each change. Default: 0.1."),
    Option("--min-lr", "X", "cosine: final learning rate. Default: 0."),
    Option("--pct-start", "X", "one-cycle: fraction of the increasing phase. Default: 0.3."),
    Option("--warmup-epochs", "X", "Epochs of linear warmup. Default: 0."),
    Option("--warmup-lr", "X", "Learning rate at which warmup starts. Default: 0."),
    Option("--clip-norm", "X", "Clip the L2 norm of all gradients."),
    Option("--clip-norm-each", "X", "Clip the L2 norm of each tensor's gradients."),
    Option("--clip-value", "X", "Clip each gradient."),
    Option(
      "--ema", "DECAY",
      "Decay of a moving average of the weights, for instance 0.9998. Default: none."),
    Option("--label-smoothing", "X", "Label smoothing, 0 to 1. Default: 0."),
    Option(
      "--class-weights", "balanced|W,W,...",
      "Weights of the classes in the loss; balanced: inverse to their images. Default: all 1."),
    Option("--mixup", "ALPHA", "Mixup of pairs of images. Default: 0, off."),
    Option("--cutmix", "ALPHA", "CutMix of pairs of images. Default: 0, off."),
    Option("--mix-probability", "X", "Probability that a batch is mixed. Default: 1."),
    Option("--dropout", "X", "Dropout before the classifier. Default: 0."),
    Option(
      "--freeze", "PARTS",
      "Parts to freeze, batch norm statistics included: fc, or level0..level3 with the stem."),
    Option("--lr-scale", "PART=X,PART=X", "Learning rate factors of parts, for instance fc=10."),
  ]

  /// Options of some schedules only.
  private static let owners: [(option: String, schedules: [Schedule])] = [
    ("--lr-epochs", [.step, .piecewise]), ("--lr-values", [.piecewise]), ("--lr-factor", [.step]),
    ("--pct-start", [.oneCycle]),
  ]

  private enum Schedule: String, CaseIterable {
    case constant, step, piecewise, cosine
    case oneCycle = "one-cycle"
  }

  static func apply(_ arguments: Arguments, to recipe: inout TrainingRecipe) throws {
    recipe.epochs = try arguments.integer("--epochs", in: 1...1_000_000) ?? recipe.epochs
    recipe.batchSize = try arguments.integer("--batch-size", in: 1...65_536) ?? recipe.batchSize
    recipe.accumulationSteps =
      try arguments.integer("--grad-accum-steps", in: 1...65_536) ?? recipe.accumulationSteps
    recipe.dropsLast = try onOff(arguments, "--drop-last") ?? recipe.dropsLast
    recipe.seed = try arguments.integer("--seed", in: 0...Int.max).map { UInt64($0) } ?? recipe.seed
    try applyOptimizer(arguments, &recipe)
    try applyRate(arguments, &recipe)
    try applyClipping(arguments, &recipe)
    if let decay = try arguments.number("--ema", in: 0...1) {
      recipe.average = decay > 0 ? TrainingRecipe.Average(decay: decay) : nil
    }
    recipe.labelSmoothing =
      try arguments.number("--label-smoothing", in: 0...1) ?? recipe.labelSmoothing
    if let text = arguments["--class-weights"] {
      let parts = Arguments.parts(text)
      let weights = parts.compactMap(Double.init)
      guard text == "balanced" || weights.count == parts.count else {
        throw UsageError("--class-weights is \(text); balanced or one number per class is expected")
      }
      recipe.classWeights = text == "balanced" ? .balanced : .values(weights)
    }
    recipe.mixing.mixup = try arguments.number("--mixup", in: 0...1000) ?? recipe.mixing.mixup
    recipe.mixing.cutmix = try arguments.number("--cutmix", in: 0...1000) ?? recipe.mixing.cutmix
    recipe.mixing.probability =
      try arguments.number("--mix-probability", in: 0...1) ?? recipe.mixing.probability
    recipe.dropout = try arguments.number("--dropout", in: 0...0.99) ?? recipe.dropout
    try applyParts(arguments, &recipe)
  }

  private static func applyClipping(
    _ arguments: Arguments, _ recipe: inout TrainingRecipe
  ) throws {
    let kinds: [(option: String, clipping: (Double) -> TrainingRecipe.Clipping)] = [
      ("--clip-norm", { .norm($0) }), ("--clip-norm-each", { .normOfEach($0) }),
      ("--clip-value", { .value($0) }),
    ]
    let given = kinds.filter { arguments.has($0.option) }
    guard given.count < 2 else {
      throw UsageError("\(given[0].option) and \(given[1].option) exclude each other")
    }
    for kind in given {
      recipe.clipping = try arguments.number(kind.option, in: 1e-9...1e9).map(kind.clipping)
    }
  }

  private static func applyOptimizer(
    _ arguments: Arguments, _ recipe: inout TrainingRecipe
  ) throws {
    let momentum = try arguments.number("--momentum", in: 0...0.999999)
    let isNesterov = try onOff(arguments, "--nesterov")
    switch try arguments.choice("--optimizer", of: ["sgd", "adam", "adamw", "rmsprop"]) {
    case "sgd": (recipe.optimizer, recipe.weightDecay) = (.sgd(isNesterov: true), 1e-4)
    case "adam": (recipe.optimizer, recipe.weightDecay) = (.adam(), 1e-4)
    case "adamw": (recipe.optimizer, recipe.weightDecay) = (.adamW(), 0.05)
    case "rmsprop": (recipe.optimizer, recipe.weightDecay) = (.rmsProp(), 1e-5)
    default: break
    }
    if case .sgd = recipe.optimizer {
    } else if isNesterov != nil {
      throw UsageError("--nesterov applies to sgd")
    }
    switch recipe.optimizer {
    case .sgd(let old, let wasNesterov):
      recipe.optimizer = .sgd(momentum: momentum ?? old, isNesterov: isNesterov ?? wasNesterov)
    case .adam(let old, let square, let epsilon):
      recipe.optimizer = .adam(momentum: momentum ?? old, squareMomentum: square, epsilon: epsilon)
    case .adamW(let old, let square, let epsilon):
      recipe.optimizer = .adamW(momentum: momentum ?? old, squareMomentum: square, epsilon: epsilon)
    case .rmsProp(let old, let square, let epsilon):
      recipe.optimizer = .rmsProp(
        momentum: momentum ?? old, squareMomentum: square, epsilon: epsilon)
    }
    recipe.weightDecay = try arguments.number("--weight-decay", in: 0...1000) ?? recipe.weightDecay
    if let decaying = try arguments.choice(
      "--decay", of: TrainingRecipe.Decay.allCases.map(\.rawValue))
    {
      recipe.decaying = TrainingRecipe.Decay(rawValue: decaying) ?? recipe.decaying
    }
  }

  /// - Precondition: optimizer and batch size are those of the training.
  private static func applyRate(_ arguments: Arguments, _ recipe: inout TrainingRecipe) throws {
    for (option, owners) in owners where arguments.has(option) {
      guard owners.contains(where: { $0.rawValue == arguments["--schedule"] }) else {
        throw UsageError(
          "\(option) applies to --schedule \(owners.map(\.rawValue).joined(separator: " or "))")
      }
    }
    if let rate = try arguments.number("--lr", in: 0...1e6) {
      recipe.learningRate.base = rate
    } else if !arguments.has("--config") {
      let images = Double(recipe.batchSize * recipe.accumulationSteps)
      let rate =
        switch recipe.optimizer {
        case .sgd: 0.1
        case .adam, .adamW: 0.001
        case .rmsProp: 0.008
        }
      recipe.learningRate.base = rate * images / 128
    }
    if let name = try arguments.choice("--schedule", of: Schedule.allCases.map(\.rawValue)),
      let schedule = Schedule(rawValue: name)
    {
      recipe.learningRate.curve = try curve(schedule, arguments)
      recipe.learningRate.changesByEpoch = false
    } else if let minimum = try arguments.number("--min-lr", in: 0...1e6) {
      guard case .cosine = recipe.learningRate.curve else {
        throw UsageError("--min-lr applies to --schedule cosine")
      }
      recipe.learningRate.curve = .cosine(minimum: minimum)
    }
    let epochs = try arguments.number("--warmup-epochs", in: 0...1e6)
    let start = try arguments.number("--warmup-lr", in: 0...1e6)
    if let epochs = epochs ?? recipe.learningRate.warmUp?.epochs, epochs > 0 {
      recipe.learningRate.warmUp = LearningRateRecipe.WarmUp(
        epochs: epochs, start: start ?? recipe.learningRate.warmUp?.start ?? 0)
    } else if start != nil {
      throw UsageError("--warmup-lr needs --warmup-epochs")
    } else {
      recipe.learningRate.warmUp = nil
    }
  }

  private static func curve(
    _ schedule: Schedule, _ arguments: Arguments
  ) throws -> LearningRateRecipe.Curve {
    let epochs = try arguments.integers("--lr-epochs", in: 0...1_000_000)
    switch schedule {
    case .constant: return .constant
    case .cosine: return .cosine(minimum: try arguments.number("--min-lr", in: 0...1e6) ?? 0)
    case .oneCycle:
      return .oneCycle(risingFraction: try arguments.number("--pct-start", in: 0...1) ?? 0.3)
    case .step:
      guard let epochs, epochs.count == 1, epochs[0] > 0 else {
        throw UsageError("--schedule step needs --lr-epochs E, the epochs between two changes")
      }
      return .step(
        everyEpochs: Double(epochs[0]),
        factor: try arguments.number("--lr-factor", in: 0...1000) ?? 0.1)
    case .piecewise:
      guard let epochs, let text = arguments["--lr-values"] else {
        throw UsageError("--schedule piecewise needs --lr-epochs E,E and --lr-values X,X,X")
      }
      guard !arguments.has("--lr") else {
        throw UsageError("--lr and --lr-values exclude each other with --schedule piecewise")
      }
      let rates = Arguments.parts(text).compactMap { Double($0) }.filter { $0 >= 0 && $0 < 1e6 }
      guard rates.count == epochs.count + 1, rates.count == Arguments.parts(text).count else {
        throw UsageError(
          "--lr-values is \(text); \(epochs.count + 1) learning rates are expected, one more than "
            + "--lr-epochs")
      }
      return .piecewise(epochs: epochs, rates: rates)
    }
  }

  private static func applyParts(_ arguments: Arguments, _ recipe: inout TrainingRecipe) throws {
    if let text = arguments["--freeze"] { recipe.frozen = try Arguments.parts(text).flatMap(parts) }
    guard let text = arguments["--lr-scale"] else { return }
    for part in Arguments.parts(text) {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let factor = Double(sides[1]), (0...1e6).contains(factor) else {
        throw UsageError("--lr-scale is \(text); PART=FACTOR,… is expected")
      }
      recipe.learningRateScales[String(sides[0])] = factor
    }
  }

  private static func parts(_ text: String) throws(UsageError) -> [String] {
    let ends = text.split(separator: "..", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return [text] }
    let levels = ends.map { end in
      end.hasPrefix("level") ? Int(end.dropFirst("level".count)) : nil
    }
    guard let first = levels[0], let last = levels[1], (0...last).contains(first), last <= 5 else {
      throw UsageError("--freeze contains \(text); a range such as level0..level3 is expected")
    }
    // The stem comes before level 0.
    return (first == 0 ? ["base_layer"] : []) + (first...last).map { "level\($0)" }
  }

  private static func onOff(_ arguments: Arguments, _ name: String) throws(UsageError) -> Bool? {
    try arguments.choice(name, of: ["on", "off"]).map { $0 == "on" }
  }
}
