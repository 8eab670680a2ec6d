import DLAData
import DLATensor
import Testing

@Suite struct AugmentationTests {
  private static let everything = Augmentation(
    crop: .resized(RandomResizedCrop()), policy: .randAugment(RandAugment()),
    jitter: ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1),
    erasing: RandomErasing(fill: .pixels))

  @Test(arguments: Preset.all) func theSameKeyGivesTheSameImage(_ preset: Preset) throws {
    let image = try Images.drawn("noise")
    let preprocessor = Preprocessor(preset.with(short: 16, crop: 16))
    let images = try (0..<40).map { index in
      var random = KeyedRandom(key: "image/\(index / 2)")
      return try preprocessor.pixels(image, Self.everything, random: &random)
    }
    for index in 0..<20 { #expect(images[2 * index] == images[2 * index + 1]) }
    #expect(Set(images.map(\.pixels)).count == 20)
  }

  @Test func changesComeInPaddleClassOrder() throws {
    let image = try Images.drawn("noise")
    let preprocessor = Preprocessor(Preset.timm.with(short: 12, crop: 12))
    var random = KeyedRandom(key: "order")
    let pixels = try preprocessor.pixels(image, Self.everything, random: &random)

    random = KeyedRandom(key: "order")
    let box = RandomResizedCrop().box(width: 23, height: 17, convention: .pil, random: &random)
    var expected = preprocessor.resizedCrop(image, box)
    if random.nextFraction() < 0.5 { expected = expected.mirrored }
    let operations = RandAugment().changes(random: &random)
    let colours = try #require(Self.everything.jitter).changes(random: &random)
    #expect(operations.count == 2 && colours.count == 4)
    for change in operations + colours { expected = expected.changed(change) }
    #expect(pixels == expected)
  }

  @Test func withoutSettingsNothingElseIsDrawn() throws {
    let image = try Images.drawn("noise")
    let preprocessor = Preprocessor(Preset.timm.with(short: 12, crop: 12))
    var random = KeyedRandom(key: "nothing")
    let pixels = try preprocessor.pixels(image, Augmentation(flip: 0), random: &random)
    #expect(pixels == (try preprocessor.pixels(image)))
    var other = KeyedRandom(key: "nothing")
    _ = other.nextFraction()
    #expect(random.next() == other.next())
  }

  @Test func ordinarySettingsPass() throws {
    try Augmentation().check()
    try Self.everything.check()
    try Augmentation(crop: .padded(4), flip: 1).check()
    try Augmentation(erasing: RandomErasing(minimumArea: 0, maximumArea: 1)).check()
  }

  @Test(arguments: [
    (
      Augmentation(flip: 1.01),
      "the share of mirrored images is 1.01; give a number from 0.0 to 1.0"
    ),
    (Augmentation(flip: .nan), "the share of mirrored images is nan"),
    (Augmentation(crop: .padded(-1)), "the border around a crop is -1"),
    (Augmentation(crop: .padded(.max)), "the border around a crop is 9.22"),
    (
      Augmentation(crop: .resized(RandomResizedCrop(minimumArea: 0.5, maximumArea: 0.3))),
      "the smallest area of a random crop is 0.5, above the largest, 0.3; exchange them"
    ),
    (
      Augmentation(crop: .resized(RandomResizedCrop(minimumArea: 0))),
      "the smallest area of a random crop is 0.0"
    ),
    (
      Augmentation(crop: .resized(RandomResizedCrop(maximumRatio: .infinity))),
      "the largest ratio of a random crop is inf"
    ),
    (
      Augmentation(policy: .randAugment(RandAugment(operations: -1))),
      "RandAugment's number of operations"
    ),
    (Augmentation(policy: .randAugment(RandAugment(operations: .max))), "RandAugment's number"),
    (
      Augmentation(policy: .randAugment(RandAugment(magnitude: 10.5))),
      "RandAugment's magnitude is 10.5"
    ),
    (Augmentation(policy: .randAugment(RandAugment(deviation: -1))), "RandAugment's deviation"),
    (Augmentation(jitter: ColorJitter(brightness: -0.1)), "the jitter of brightness is -0.1"),
    (Augmentation(jitter: ColorJitter(contrast: 1e300)), "the jitter of contrast is 1e+300"),
    (Augmentation(jitter: ColorJitter(saturation: .nan)), "the jitter of saturation is nan"),
    (Augmentation(jitter: ColorJitter(hue: 0.51)), "the jitter of hue is 0.51"),
    (Augmentation(jitter: ColorJitter(probability: 2)), "the share of jittered images is 2.0"),
    (Augmentation(erasing: RandomErasing(probability: -1)), "the share of images with an erased"),
    (
      Augmentation(erasing: RandomErasing(maximumArea: 2)),
      "the largest area of an erased part is 2"
    ),
    (Augmentation(erasing: RandomErasing(minimumRatio: 0)), "the smallest ratio of an erased part"),
    (Augmentation(erasing: RandomErasing(attempts: 0)), "the attempts to erase a part is 0"),
    (Augmentation(erasing: RandomErasing(attempts: .max)), "the attempts to erase a part is 9.2"),
    (Augmentation(erasing: RandomErasing(fill: .constant([0, .nan, 0]))), "a value of an erased"),
  ])
  func numbersOutOfRangeAreNamed(_ augmentation: Augmentation, _ message: String) {
    let error = #expect(throws: AugmentationError.self) { try augmentation.check() }
    #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    #expect(error?.message.contains("\n") == false)
  }

  @Test func theWidestSettingsChangeAnyImage() throws {
    let widest = Augmentation(
      crop: .resized(
        RandomResizedCrop(minimumArea: 1e-6, minimumRatio: 0.001, maximumRatio: 1_000)),
      policy: .randAugment(RandAugment(operations: 20, magnitude: 5, deviation: 10)),
      jitter: ColorJitter(brightness: 100, contrast: 100, saturation: 100, hue: 0.5))
    try widest.check()
    for name in ["noise", "grey", "strip", "dot"] {
      let image = try Images.drawn(name)
      for preset in Preset.all {
        for crop in [1, 2, 3, 9] {
          var random = KeyedRandom(key: "\(name)/\(crop)")
          for _ in 0..<20 {
            let pixels = try Preprocessor(preset.with(short: crop, crop: crop)).pixels(
              image, widest, random: &random)
            #expect(pixels.width == crop && pixels.height == crop)
          }
        }
      }
    }
  }
}
