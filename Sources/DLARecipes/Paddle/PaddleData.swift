import DLAData
import DLATraining

struct PaddleData {
  let training: PaddleRecipe.ImageList
  let validation: PaddleRecipe.ImageList?
  let preset: Preset
}

extension Section {
  /// Reads `DataLoader`, and of the recipe batches, flips and mixing.
  func data(_ recipe: inout TrainingRecipe, evaluates: Bool) throws(RecipeError) -> PaddleData {
    let loader = try required(
      "DataLoader", ["Train": .read, "Eval": .read, "UnLabelTrain": .unsupported])
    let (training, list) = try loader.part("Train", &recipe)
    let operators = try PaddleOperators(training, mayBeRandom: true)
    recipe.mixing = try training.mixing()
    recipe.augmentation = operators.augmentation

    guard loader.node("Eval") != nil else {
      guard !evaluates else {
        throw loader.missing("Eval", "a mapping, or Global.eval_during_train: False")
      }
      let preset = try training.preset(operators)
      return PaddleData(training: list, validation: nil, preset: preset)
    }
    var unused = TrainingRecipe()
    let (evaluation, evaluationList) = try loader.part("Eval", &unused)
    let fixed = try PaddleOperators(evaluation, mayBeRandom: false)
    try training.compare(operators, with: fixed)
    recipe.crop = operators.crop == fixed.crop ? nil : operators.crop
    return PaddleData(
      training: list, validation: evaluationList, preset: try evaluation.preset(fixed))
  }

  /// Reads one of the two loaders: its dataset, and its batches.
  private func part(
    _ key: String, _ recipe: inout TrainingRecipe
  ) throws(RecipeError) -> (dataset: Section, PaddleRecipe.ImageList) {
    let isTraining = key == "Train"
    let part = try required(key, ["dataset": .read, "sampler": .read, "loader": .read])
    let dataset = try part.required("dataset", Self.datasetKeys(isTraining))
    let datasets = ["ImageNetDataset", "ClsDataset"]
    guard try dataset.name("name", supported: datasets, known: Self.otherDatasets) != nil else {
      throw dataset.missing("name", "ImageNetDataset")
    }
    guard let root = try dataset.text("image_root") else {
      throw dataset.missing("image_root", "a folder")
    }
    guard let path = try dataset.text("cls_label_path") else {
      throw dataset.missing("cls_label_path", "the path of a list")
    }
    let sampler = try part.required("sampler", Self.samplerKeys(isTraining))
    _ = try sampler.name(
      "name", supported: ["DistributedBatchSampler", "BatchSampler"], known: Self.otherSamplers)
    if isTraining {
      guard let size = try sampler.integer("batch_size", 1...65_536) else {
        throw sampler.missing("batch_size", "a whole number")
      }
      recipe.batchSize = size
    }
    recipe.dropsLast = try sampler.flag("drop_last") ?? false
    if isTraining, try sampler.flag("shuffle") != true {
      throw sampler.error(
        .unsupported, "shuffle",
        "\(sampler.path(of: "shuffle")) is not True; a training is always in random order, so set it "
          + "to True")
    }
    _ = try part.section("loader", ["num_workers": .noEffect, "use_shared_memory": .noEffect])
    let list = PaddleRecipe.ImageList(
      imageRoot: root, path: path, delimiter: try dataset.delimiter())
    return (dataset, list)
  }

  /// One character between path and label; nil for a space, which is PaddleClas's default.
  fileprivate func delimiter() throws(RecipeError) -> Character? {
    guard let node = node("delimiter"), let text = try text("delimiter"), text != " " else {
      return nil
    }
    guard text.utf8.count == 1, let character = text.first else {
      throw unsuitable("delimiter", node, "one ASCII character, for instance \"\\t\"")
    }
    return character
  }

  /// Checks that settings shared by training and evaluation are equal.
  fileprivate func compare(
    _ training: PaddleOperators, with evaluation: PaddleOperators
  ) throws(RecipeError) {
    guard training.mean == evaluation.mean, training.deviation == evaluation.deviation else {
      throw error(
        .unsupported, "transform_ops",
        "NormalizeImage has another mean or std than in DataLoader.Eval, which is not supported")
    }
    guard training.decoder == evaluation.decoder else {
      throw error(
        .unsupported, "transform_ops",
        "DecodeImage has another backend than in DataLoader.Eval, which is not supported")
    }
    guard
      training.resizeShort == nil
        || (training.resizeShort, training.resampling)
          == (evaluation.resizeShort, evaluation.resampling)
    else {
      throw error(
        .unsupported, "transform_ops",
        "ResizeImage has another size or interpolation than in DataLoader.Eval, which is not "
          + "supported")
    }
  }

  /// The preprocessing in evaluation; sizes of random crops alone imply ImageNet's usual border.
  fileprivate func preset(_ operators: PaddleOperators) throws(RecipeError) -> Preset {
    guard let crop = operators.crop, let mean = operators.mean, let deviation = operators.deviation
    else { throw missing("transform_ops", "a list of operators") }
    return Preset(
      name: Preset.paddle.name, convention: .opencv, decoder: operators.decoder,
      resampling: operators.resampling ?? Resampling(.bilinear),
      resizeShort: operators.resizeShort ?? (crop * 256 + 112) / 224, crop: crop, mean: mean,
      standardDeviation: deviation)
  }

  private static func datasetKeys(_ isTraining: Bool) -> [String: KeyUse] {
    [
      "name": .read, "image_root": .read, "cls_label_path": .read, "transform_ops": .read,
      "batch_transform_ops": isTraining ? .read : .unsupported, "delimiter": .read,
      "relabel": .off,
    ]
  }

  private static func samplerKeys(_ isTraining: Bool) -> [String: KeyUse] {
    [
      "name": .read, "batch_size": isTraining ? .read : .noEffect,
      "drop_last": isTraining ? .read : .noEffect,
      "shuffle": isTraining ? .read : .noEffect,
    ]
  }

  private static let otherDatasets = [
    "Cifar10", "Cifar100", "CustomLabelDataset", "ICartoonDataset", "LogoDataset", "MixDataset",
    "MultiLabelDataset", "MultiScaleDataset", "PersonDataset", "VeriWild", "CompCars",
  ]
  private static let otherSamplers = [
    "DistributedRandomIdentitySampler", "MixSampler", "MultiScaleSampler", "PKSampler", "RASampler",
  ]
}
