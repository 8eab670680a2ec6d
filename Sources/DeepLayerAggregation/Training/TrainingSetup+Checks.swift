import DLAText
import DLATraining

extension TrainingSetup {
  /// Holds every number to its range, so that nothing can trap later.
  ///
  /// - Throws: `TrainingError`.
  public func check() throws(TrainingError) {
    try recipe.check()
    for (number, name) in [
      (validationInterval, "the epochs from one validation to the next"),
      (logInterval, "the updates from one entry of the log to the next"),
      (checkpointInterval ?? 1, "the updates from one checkpoint to the next"),
      (decodeThreads ?? 1, "the number of threads that decode"), (maxUpdates ?? 1, "the updates"),
    ] where number < 1 {
      throw TrainingError(
        code: .unsuitableNumber, message: "\(name) is \(number); 1 or more is expected")
    }
    guard batchesPerEpoch > 0 else {
      throw TrainingError(
        code: .unsuitableData,
        message: "there are \(counted(data.samples, "image", "images")), fewer than a batch of "
          + "\(recipe.batchSize); lower --batch-size")
    }
  }

  /// What must be the same for a training to be gone on with, by name.
  var identity: [String: String] {
    var identity = notes
    identity["model"] = variant.name
    identity["data"] = "\(grouped(data.samples)) images, \(data.dataset.fingerprint)"
    identity["classes"] = "\(data.classes.count)"
    identity["preprocessing"] =
      "\(preset.name), short side \(preset.resizeShort), crop \(preset.crop), mean "
      + "\(Self.text(preset.mean)), deviation \(Self.text(preset.standardDeviation))"
    for setting in recipe.settings { identity[setting.name] = setting.value }
    return identity
  }

  private static func text(_ values: SIMD3<Float>) -> String {
    (0..<3).map { "\(values[$0])" }.joined(separator: " ")
  }
}
