import DLATraining

/// What PaddleClas's section `Global` says about the course of a training.
public struct PaddleRun: Sendable, Equatable {
  /// The folder that results are written to.
  public var outputFolder: String
  /// Epochs from one evaluation to the next; nil if the network is not evaluated.
  public var evaluationInterval: Int?
  /// Batches from one line of the log to the next.
  public var loggingInterval: Int
}

extension PaddleRun {
  /// Reads `Global`, and of the recipe the epochs, the accumulation and the seed.
  init(_ global: Section, _ recipe: inout TrainingRecipe) throws(RecipeError) {
    guard let epochs = try global.integer("epochs", 1...100_000) else {
      throw global.missing("epochs", "a whole number")
    }
    recipe.epochs = epochs
    recipe.accumulation = try global.integer("update_freq", 1...65_536) ?? 1
    if recipe.accumulation > 1 {
      global.note(
        "update_freq",
        "Global.update_freq: batches at an epoch's end that are fewer make an update too, where "
          + "PaddleClas leaves them out")
    }
    if let seed = try global.integer("seed", 0...Int.max) { recipe.seed = UInt64(seed) }
    outputFolder = try global.text("output_dir") ?? "./output/"
    let interval = try global.integer("eval_interval", 1...100_000) ?? 1
    evaluationInterval = try global.flag("eval_during_train") ?? true ? interval : nil
    loggingInterval = try global.integer("print_batch_step", 1...1_000_000) ?? 10
    let device = try global.name("device", supported: Self.devices) ?? "cpu"
    if device != "cpu" {
      global.note("device", "Global.device is \(device); the training runs on this machine's CPU")
    }
  }

  private static let devices = ["cpu", "gpu", "xpu", "npu", "mlu", "ascend", "intel_gpu", "mps"]

  /// What the keys of `Global` mean here.
  static let keys: [String: KeyUse] = [
    "checkpoints": .unsupported, "pretrained_model": .read, "output_dir": .read, "device": .read,
    "save_interval": .noEffect, "eval_during_train": .read, "eval_interval": .read, "epochs": .read,
    "print_batch_step": .read, "seed": .read, "update_freq": .read, "class_num": .read,
    "start_eval_epoch": .only(.integer(0)), "iter_per_epoch": .unsupported,
    "use_multilabel": .off, "train_mode": .unsupported, "eval_mode": .onlyText("classification"),
    "use_visualdl": .noEffect, "use_dali": .noEffect, "to_static": .noEffect,
    "log_ranks": .noEffect, "print_mem_info": .noEffect, "uniform_output_enabled": .noEffect,
    "distributed": .noEffect, "image_shape": .elsewhere, "save_inference_dir": .elsewhere,
    "pdx_model_name": .elsewhere, "hpi_config_path": .elsewhere, "export_for_fd": .elsewhere,
  ]
}
