import DLAData
import DLARecipes
import Testing

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

  private func augmentation(_ changes: String = "", _ last: String = "") throws -> Augmentation {
    try found("{RandCropImage: {size: 64}}", changes, last).recipe.augmentation
  }

  @Test func cropsOfRandomSize() throws {
    let found = try found(
      "{RandCropImage: {size: [64, 64], scale: [0.5, 1], ratio: [1, 2], use_log_aspect: True, "
        + "interpolation: bilinear, backend: cv2}}")
    #expect(
      found.recipe.augmentation.crop
        == .resized(
          RandomResizedCrop(
            minimumArea: 0.5, maximumArea: 1, minimumRatio: 1, maximumRatio: 2,
            usesLogarithm: true, resamplings: [Resampling(.bilinear)])))
    // PaddleClas's default is bilinear, whatever the evaluation's interpolation.
    #expect(
      try augmentation().crop
        == .resized(RandomResizedCrop(usesLogarithm: false, resamplings: [Resampling(.bilinear)])))
  }

  @Test(arguments: [
    ("interpolation: bicubic", [Resampling(.bicubic)]),
    ("interpolation: area", [Resampling(.area)]),
    ("backend: pil", [Resampling(.bilinear, convention: .pil)]),
    ("backend: PIL, interpolation: box", [Resampling(.area, convention: .pil)]),
    ("interpolation: random", [Resampling(.bilinear), Resampling(.bicubic)]),
  ])
  func interpolationsOfRandomCrops(settings: String, expected: [Resampling]) throws {
    let crop = try found("{RandCropImage: {size: 64, \(settings)}}").recipe.augmentation.crop
    #expect(crop == .resized(RandomResizedCrop(usesLogarithm: false, resamplings: expected)))
  }

  @Test func interpolationsAndBackendsOfTheEvaluation() throws {
    let path = "DataLoader.Eval.dataset.transform_ops.1.ResizeImage"
    let bicubic = try recipe("\(path).interpolation=bicubic", "\(path).backend=pil").preset
    #expect(bicubic.resampling == Resampling(.bicubic, convention: .pil))
    #expect(bicubic.decoder == .opencv && bicubic.appliesOrientation)
    let decoded = try recipe(
      "\(Self.path).0.DecodeImage.backend=pil",
      "DataLoader.Eval.dataset.transform_ops.0.DecodeImage.backend=pil"
    ).preset
    #expect(decoded.decoder == .pil && decoded.convention == .opencv)
    #expect(!decoded.appliesOrientation)
  }

  @Test func cropsInTrainingMayBeOthers() throws {
    let found = try found("{RandCropImage: {size: 96}}")
    #expect(found.recipe.crop == 96 && found.preset.crop == 64)
    #expect(try recipe().recipe.crop == nil)
    let centre = try self.found("{ResizeImage: {resize_short: 80}}, {CropImage: {size: 32}}")
    #expect(centre.recipe.crop == 32 && centre.recipe.augmentation.crop == .centre)
  }

  @Test func cropsOfTheCentreAreThoseOfTheEvaluation() throws {
    let same = try found("{ResizeImage: {resize_short: 80}}, {CropImage: {size: 64}}")
    #expect(same.recipe.augmentation == Augmentation(crop: .centre, flip: 0))
    for settings in ["resize_short: 81", "resize_short: 80, interpolation: area"] {
      let error = try #require(throws: RecipeError.self) {
        try found("{ResizeImage: {\(settings)}}, {CropImage: {size: 64}}")
      }
      #expect(error.message.contains("another size or interpolation"), "\(error.message)")
    }
  }

  @Test func coloursJitter() throws {
    let found = try augmentation(
      "{RandFlipImage: }, {ColorJitter: {brightness: 0.4, contrast: 0.3, hue: 0.1, prob: 0.2}}")
    #expect(found.jitter == ColorJitter(brightness: 0.4, contrast: 0.3, hue: 0.1, probability: 0.2))
    #expect(found.flip == 0.5)
    #expect(try augmentation("{ColorJitter: {hue: 0}}").jitter == ColorJitter(probability: 1))
  }

  @Test func policies() throws {
    #expect(
      try augmentation("{RandAugment: }").policy
        == .randAugment(RandAugment(operations: 2, magnitude: 5)))
    #expect(
      try augmentation("{RandAugment: {num_layers: 3, magnitude: 9.5}}").policy
        == .randAugment(RandAugment(operations: 3, magnitude: 9.5)))
    #expect(try augmentation("{AutoAugment: }").policy == .autoAugment)
    var timm = TimmRandAugment(magnitude: 9, deviation: 0.5, isIncreasing: true)
    timm.filters = [.bicubic]
    #expect(try augmentation("{TimmAutoAugment: }").policy == .timm(timm))
    timm = TimmRandAugment(operations: 3, magnitude: 7)
    (timm.probability, timm.fill) = (0.5, [128, 128, 128])
    #expect(
      try augmentation(
        "{TimmAutoAugment: {config_str: rand-m7-n3, interpolation: random, img_size: 64, prob: 0.5, "
          + "mean: [0.5, 0.5, 0.5]}}"
      ).policy == .timm(timm))
  }

  @Test(arguments: [
    ("config_str: null", "with which PaddleClas fails"),
    ("config_str: augmix-m3", "rand and sections"), ("interpolation: lanczos", "did you mean"),
  ])
  func policiesOfTimmThatAreNotSupported(settings: String, words: String) throws {
    let error = try #require(throws: RecipeError.self) {
      try augmentation("{TimmAutoAugment: {\(settings)}}")
    }
    #expect(error.message.contains(words), "\(error.message)")
  }

  @Test func boxesAreErased() throws {
    #expect(
      try augmentation("", "{RandomErasing: }").erasing
        == RandomErasing(maximumArea: 0.4, usesLogarithm: false, attempts: 100))
    #expect(
      try augmentation(
        "",
        "{RandomErasing: {EPSILON: 0.25, sl: 0.02, sh: 1.0/3.0, r1: '0.5', attempt: 10, "
          + "use_log_aspect: True, mode: pixel, mean: [1, 2, 3]}}"
      ).erasing
        == RandomErasing(
          probability: 0.25, minimumRatio: 0.5, maximumRatio: 2, usesLogarithm: true, attempts: 10,
          fill: .pixels))
    #expect(
      try augmentation("", "{RandomErasing: {mean: [1, 2, 3]}}").erasing?.fill
        == .constant([1, 2, 3]))
  }

  @Test func ordersThatAreNotFollowedAreRefused() throws {
    let crop = "{RandCropImage: {size: 64}}"
    for (first, changes, last, words) in [
      ("{RandFlipImage: }, \(crop)", "", "", "stands behind an operator"),
      (crop, "{RandomErasing: }", "", "stands behind an operator"),
      (crop, "", "{RandFlipImage: }", "stands behind an operator"),
      (crop, "{RandFlipImage: }, {RandFlipImage: }", "", "a second time"),
      (crop, crop, "", "a second time"),
      (crop, "{ColorJitter: }, {RandAugment: }", "", "before ColorJitter, is supported"),
      (crop, "{AutoAugment: }, {TimmAutoAugment: }", "", "or another policy"),
      ("\(crop), {CropImage: {size: 64}}", "", "", "crops twice"),
      (crop, "{RandAugment: }, {RandFlipImage: }", "", "the other order is supported"),
      ("{ResizeImage: {resize_short: 80}}, \(crop)", "", "", "RandCropImage is expected"),
      ("{CropImage: {size: 64}}", "", "", "RandCropImage is expected"),
      ("{ResizeImage: {resize_short: 60}}, {CropImage: {size: 64}}", "", "", "at least as much"),
      ("", "{RandFlipImage: }", "", "lacks a crop"),
    ] {
      let error = try #require(throws: RecipeError.self) { try found(first, changes, last) }
      #expect(error.message.contains(words), "\(error.message)")
    }
  }
}
