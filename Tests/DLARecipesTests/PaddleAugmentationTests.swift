import DLARecipes
import Testing

/// Operators that change samples at random.
struct PaddleAugmentationTests {
  private static let path = "DataLoader.Train.dataset.transform_ops"
  private static let normalize =
    "{NormalizeImage: {mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.1], order: hwc}}"

  private func found(_ crop: String, _ changes: String = "", _ last: String = "") throws
    -> PaddleRecipe
  {
    let all = ["{DecodeImage: }", crop, changes, Self.normalize, last].filter { !$0.isEmpty }
    return try recipe("\(Self.path)=[\(all.joined(separator: ", "))]")
  }

  private func operation(_ crop: String, _ changes: String = "", _ last: String = "") throws
    -> PaddleAugmentation.Operation
  {
    try #require(try found(crop, changes, last).augmentation.steps.last).operation
  }

  @Test func cropsOfRandomSize() throws {
    guard
      case .resizedCrop(let crop) = try operation(
        "{RandCropImage: {size: [96, 96], scale: [0.5, 1], ratio: [1, 2], use_log_aspect: True, "
          + "interpolation: bicubic, backend: PIL}}")
    else {
      Issue.record("no crop")
      return
    }
    #expect(crop.side == 96 && crop.scale == 0.5...1 && crop.ratio == 1...2)
    #expect(crop.drawsLogarithm && crop.interpolation == "bicubic" && crop.backend == "pil")
  }

  @Test func cropsOfTheCentreAreThoseOfTheEvaluation() throws {
    let same = try found("{ResizeImage: {resize_short: 80}}, {CropImage: {size: 64}}")
    #expect(same.augmentation.steps.isEmpty)
    #expect(same.recipe.augmentation.crop == .centre && same.recipe.augmentation.flip == 0)
    for crop in [
      "{ResizeImage: {resize_short: 81}}, {CropImage: {size: 64}}",
      "{ResizeImage: {resize_short: 80}}, {CropImage: {size: 32}}",
    ] {
      let error = try #require(throws: RecipeError.self) { try found(crop) }
      #expect(error.message.contains("another size"), "\(error.message)")
    }
  }

  @Test func coloursJitter() throws {
    guard
      case .colorJitter(let jitter) = try operation(
        "{RandCropImage: {size: 64}}",
        "{RandFlipImage: }, {ColorJitter: {brightness: 0.4, contrast: 0.3, hue: 0.1, prob: 0.2}}")
    else {
      Issue.record("no jitter")
      return
    }
    #expect(jitter.brightness == 0.4 && jitter.contrast == 0.3 && jitter.saturation == 0)
    #expect(jitter.hue == 0.1 && jitter.probability == 0.2)
    guard
      case .colorJitter(let always) = try operation(
        "{RandCropImage: {size: 64}}", "{ColorJitter: {hue: 0}}")
    else { return }
    #expect(always.probability == 1)
  }

  @Test func policies() throws {
    let crop = "{RandCropImage: {size: 64}}"
    guard case .randAugment(let plain) = try operation(crop, "{RandAugment: }"),
      case .randAugment(let other) = try operation(
        crop, "{RandAugment: {num_layers: 3, magnitude: 9.5}}"),
      case .timmAutoAugment(let timm) = try operation(crop, "{TimmAutoAugment: }"),
      case .timmAutoAugment(let set) = try operation(
        crop,
        "{TimmAutoAugment: {prob: 0.5, config_str: rand-m7-n3, interpolation: bilinear, "
          + "img_size: 64}}")
    else {
      Issue.record("no policy")
      return
    }
    #expect(plain.layers == 2 && plain.magnitude == 5)
    #expect(other.layers == 3 && other.magnitude == 9.5)
    #expect(timm.policy == "rand-m9-mstd0.5-inc1" && timm.interpolation == "bicubic")
    #expect(timm.side == 224 && timm.probability == 1)
    #expect(set.policy == "rand-m7-n3" && set.interpolation == "bilinear")
    #expect(set.side == 64 && set.probability == 0.5)
  }

  @Test func boxesAreErased() throws {
    let crop = "{RandCropImage: {size: 64}}"
    guard case .erasing(let plain) = try operation(crop, "", "{RandomErasing: }"),
      case .erasing(let set) = try operation(
        crop, "",
        "{RandomErasing: {EPSILON: 0.25, sl: 0.02, sh: 1.0/3.0, r1: '0.5', attempt: 10, "
          + "use_log_aspect: True, mode: pixel, mean: [1, 2, 3]}}")
    else {
      Issue.record("nothing is erased")
      return
    }
    #expect(plain.probability == 0.5 && plain.area == 0.02...0.4 && plain.leastRatio == 0.3)
    #expect(!plain.drawsLogarithm && plain.attempts == 100 && plain.fill == .const)
    #expect(plain.mean == [0, 0, 0])
    #expect(set.probability == 0.25 && set.area == 0.02...1.0 / 3 && set.leastRatio == 0.5)
    #expect(set.drawsLogarithm && set.attempts == 10 && set.fill == .pixel)
    #expect(set.mean == [1, 2, 3])
  }

  @Test func stepsKeepTheirOrder() throws {
    let all = try found(
      "{RandCropImage: {size: 64}}",
      "{TimmAutoAugment: }, {RandFlipImage: }, {ColorJitter: {hue: 0.1}}", "{RandomErasing: }")
    let names = all.augmentation.steps.map { step in
      switch step.operation {
      case .resizedCrop: "crop"
      case .colorJitter: "jitter"
      case .randAugment: "policy"
      case .timmAutoAugment: "timm"
      case .erasing: "erasing"
      }
    }
    #expect(names == ["crop", "timm", "jitter", "erasing"])
    #expect(all.recipe.augmentation.flip == 0.5)
    #expect(all.augmentation.steps[0].place.hasPrefix("-o DataLoader.Train"))
  }

  @Test func ordersThatAreNotFollowedAreRefused() throws {
    let crop = "{RandCropImage: {size: 64}}"
    for (first, changes, last, words) in [
      ("{RandFlipImage: }, \(crop)", "", "", "stands behind an operator"),
      (crop, "{RandomErasing: }", "", "stands behind an operator"),
      (crop, "", "{RandFlipImage: }", "stands behind an operator"),
      (crop, "{RandFlipImage: }, {RandFlipImage: }", "", "a second time"),
      (crop, crop, "", "a second time"),
      ("{ResizeImage: {resize_short: 80}}, \(crop)", "", "", "RandCropImage is expected"),
      ("{CropImage: {size: 64}}", "", "", "RandCropImage is expected"),
      ("{ResizeImage: {resize_short: 60}}, {CropImage: {size: 64}}", "", "", "at least as much"),
      ("", "{RandFlipImage: }", "", "lacks DecodeImage"),
    ] {
      let error = try #require(throws: RecipeError.self) { try found(first, changes, last) }
      #expect(error.message.contains(words), "\(error.message)")
    }
  }
}
