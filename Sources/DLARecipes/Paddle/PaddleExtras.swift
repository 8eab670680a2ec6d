import DLATraining

extension Section {
  /// Holds `AMP` to ask for no mixed precision; PaddleClas takes a section without `use_amp` for yes.
  func refuseMixedPrecision() throws(RecipeError) {
    guard
      let section = try section(
        "AMP",
        [
          "use_amp": .read, "use_fp16_test": .elsewhere, "scale_loss": .elsewhere,
          "use_dynamic_loss_scaling": .elsewhere, "use_promote": .elsewhere, "level": .elsewhere,
        ])
    else { return }
    let isLeftOpen = !section.has("use_amp") && !section.isEmpty
    guard try !(section.flag("use_amp") ?? isLeftOpen) else {
      throw section.error(
        .unsupported, "use_amp",
        "AMP asks for mixed precision, which is not supported; set AMP.use_amp to False")
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

  /// Holds `Metric` to the accuracy that the best network is chosen by here: Top-1.
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
