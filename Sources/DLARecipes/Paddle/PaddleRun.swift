import DLATraining

/// The schedule of a training in PaddleClas's section `Global`.
public struct PaddleRun: Sendable, Equatable {
  /// The folder that results are written to.
  public var outputFolder: String
  /// Epochs from one evaluation to the next; nil if the network is not evaluated.
  public var evaluationInterval: Int?
  /// The first epoch, counted from 1, that is evaluated.
  public var firstEvaluation: Int
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
    recipe.accumulationSteps = try global.integer("update_freq", 1...65_536) ?? 1
    if recipe.accumulationSteps > 1 {
      global.note(
        "update_freq",
        "Global.update_freq: batches at an epoch's end that are fewer make an update too, where "
          + "PaddleClas leaves them out")
    }
    if let seed = try global.integer("seed", 0...Int.max) { recipe.seed = UInt64(seed) }
    outputFolder = try global.text("output_dir") ?? "./output/"
    let interval = try global.integer("eval_interval", 1...100_000) ?? 1
    evaluationInterval = try global.flag("eval_during_train") ?? true ? interval : nil
    firstEvaluation = max(try global.integer("start_eval_epoch", 0...100_000) ?? 0, 1)
    loggingInterval = try global.integer("print_batch_step", 1...1_000_000) ?? 10
    let device = try global.name("device", supported: Self.devices) ?? "cpu"
    if device != "cpu" {
      global.note("device", "Global.device is \(device); the training runs on this machine's CPU")
    }
  }

  private static let devices = ["cpu", "gpu", "xpu", "npu", "mlu", "ascend", "intel_gpu", "mps"]

  static let keys: [String: KeyUse] = [
    "checkpoints": .unsupported, "pretrained_model": .read, "output_dir": .read, "device": .read,
    "save_interval": .noEffect, "eval_during_train": .read, "eval_interval": .read, "epochs": .read,
    "print_batch_step": .read, "seed": .read, "update_freq": .read, "class_num": .read,
    "start_eval_epoch": .read, "iter_per_epoch": .unsupported,
    "use_multilabel": .off, "train_mode": .unsupported, "eval_mode": .onlyText("classification"),
    "use_visualdl": .noEffect, "use_dali": .noEffect, "to_static": .noEffect,
    "log_ranks": .noEffect, "print_mem_info": .noEffect, "uniform_output_enabled": .noEffect,
    "distributed": .noEffect, "image_shape": .elsewhere, "save_inference_dir": .elsewhere,
    "pdx_model_name": .elsewhere, "hpi_config_path": .elsewhere, "export_for_fd": .elsewhere,
  ]
}

extension Section {
  /// Notes that mixed precision is computed in float32; in PaddleClas a section without `use_amp` asks
  /// for it.
  func noteMixedPrecision() throws(RecipeError) {
    guard
      let section = try section(
        "AMP",
        [
          "use_amp": .read, "use_fp16_test": .elsewhere, "scale_loss": .elsewhere,
          "use_dynamic_loss_scaling": .elsewhere, "use_promote": .elsewhere, "level": .elsewhere,
        ])
    else { return }
    let isLeftOpen = !section.has("use_amp") && !section.isEmpty
    if try section.flag("use_amp") ?? isLeftOpen {
      note("AMP", "AMP asks for mixed precision; the training computes in float32")
    }
  }

  /// Reads `EMA`: a moving average of the weights, without a warm-up.
  func readAverage(_ recipe: inout TrainingRecipe) throws(RecipeError) {
    guard has("EMA") else { return }
    guard node("EMA") != nil else { throw missing("EMA", "a mapping such as {decay: 0.9999}") }
    note("EMA", "the moving average alone is evaluated, where PaddleClas takes the better of both")
    let decay = try section("EMA", ["decay": .read])?.number("decay", .belowOne)
    recipe.average = .init(decay: decay ?? 0.9999, warmsUp: false)
  }

  /// Checks that `Metric` selects the best network by top-1 accuracy, as here.
  func checkMetric(classes: Int) throws(RecipeError) {
    guard let metric = try section("Metric", ["Train": .read, "Eval": .read]) else { return }
    for key in ["Train", "Eval"] {
      for item in try metric.items(key) ?? [] {
        guard item.name == "TopkAcc" else {
          throw item.refusal(supported: ["TopkAcc"], known: Self.otherMetrics)
        }
        let settings = try item.section(["topk": .read])
        guard let ranks = try settings.integers("topk", 1...max(classes, 5), takesOne: true) else {
          continue
        }
        guard key == "Train" || ranks.first == 1 else {
          throw settings.error(
            .unsupported, "topk",
            "\(settings.path(of: "topk")) does not begin with 1; the best "
              + "network is chosen by Top-1")
        }
      }
    }
  }

  private static let otherMetrics = [
    "GoogLeNetTopkAcc", "DistillationTopkAcc", "mAP", "Recallk", "HammingDistance", "ATTRMetric",
  ]
}
