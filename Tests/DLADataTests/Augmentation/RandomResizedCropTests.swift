import DLAData
import DLATensor
import Testing

@Suite struct RandomResizedCropTests {
  @Test(arguments: try TransformedImage.all("crop") + TransformedImage.all("resized"))
  func noByteDiffersFromTheReference(_ changed: TransformedImage) throws {
    let preset = try #require(Preset.all.first { $0.convention.rawValue == changed.parts[2] })
    let numbers = try #require(changed.parts.last).split(separator: ",").compactMap { Int($0) }
    try #require(numbers.count == 4)
    let box = Box(
      columns: numbers[0]..<(numbers[0] + numbers[2]), rows: numbers[1]..<(numbers[1] + numbers[3]))
    let preprocessor = Preprocessor(preset.with(short: 10, crop: 10))
    // Crops are bilinear, the preset's default; others name their interpolation.
    let resampling = Resampling.Interpolation(rawValue: changed.parts[3]).map { Resampling($0) }
    try changed.expect(preprocessor.resizedCrop(try Images.drawn("noise"), box, resampling))
  }

  @Test func eachImageGetsOneOfTheInterpolations() throws {
    let image = Images.noise(width: 40, height: 40, key: "interpolations")
    let preprocessor = Preprocessor(Preset.timm.with(short: 10, crop: 10))
    let both = [Resampling(.bilinear), Resampling(.bicubic, convention: .opencv)]
    let crop = RandomResizedCrop(
      minimumArea: 1, minimumRatio: 1, maximumRatio: 1, resamplings: both)
    let box = Box(columns: 0..<40, rows: 0..<40)
    let expected = both.map { preprocessor.resizedCrop(image, box, $0) }
    var random = KeyedRandom(key: "which")
    let drawn = try (0..<400).map { _ in
      try preprocessor.pixels(
        image, Augmentation(crop: .resized(crop), flip: 0), random: &random)
    }
    let counts = expected.map { image in drawn.filter { $0 == image }.count }
    // Five standard deviations of 400 draws of one half.
    #expect(counts.reduce(0, +) == 400 && abs(counts[0] - 200) < 50)
  }

  @Test(arguments: try Drawn.crops())
  func partsAreDistributedAsTheReferencesAre(_ drawn: Drawn) throws {
    let convention = try #require(drawn.convention.flatMap(ImageConvention.init(rawValue:)))
    let crop = RandomResizedCrop(
      minimumArea: drawn.settings.minimumArea ?? 0.08,
      minimumRatio: drawn.settings.minimumRatio ?? 3.0 / 4,
      usesLogarithm: drawn.settings.usesLogarithm)
    var random = KeyedRandom(key: "crop/\(drawn.testDescription)")
    drawn.expect(
      (0..<20_000).map { _ in
        crop.box(
          width: drawn.size[0], height: drawn.size[1], convention: convention, random: &random)
      })
  }

  @Test(arguments: ImageConvention.allCases, [(1, 1), (1, 300), (300, 1), (2, 3), (40, 30)])
  func everyPartLiesWithinItsImage(_ convention: ImageConvention, _ size: (Int, Int)) throws {
    var random = KeyedRandom(key: "within")
    for crop in [
      RandomResizedCrop(), RandomResizedCrop(minimumArea: 1e-6, maximumArea: 1e-6),
      RandomResizedCrop(minimumArea: 1, minimumRatio: 0.001, maximumRatio: 0.001),
      RandomResizedCrop(minimumRatio: 1_000, maximumRatio: 1_000),
    ] {
      for _ in 0..<500 {
        let box = crop.box(width: size.0, height: size.1, convention: convention, random: &random)
        #expect(!box.columns.isEmpty && !box.rows.isEmpty)
        #expect(box.columns.lowerBound >= 0 && box.columns.upperBound <= size.0)
        #expect(box.rows.lowerBound >= 0 && box.rows.upperBound <= size.1)
      }
    }
  }

  @Test func impossibleRatiosGiveTheCenter() {
    var random = KeyedRandom(key: "middle")
    let crop = RandomResizedCrop(minimumArea: 1, minimumRatio: 0.5, maximumRatio: 0.5)
    let box = crop.box(width: 40, height: 20, convention: .pil, random: &random)
    #expect(box == Box(columns: 15..<25, rows: 0..<20))
  }

  @Test(arguments: Preset.all) func theSmallestImageFillsTheCrop(_ preset: Preset) throws {
    var random = KeyedRandom(key: "dot")
    let dot = try Images.drawn("dot")
    let pixels = try Preprocessor(preset.with(short: 8, crop: 8)).pixels(
      dot, Augmentation(crop: .resized(RandomResizedCrop())), random: &random)
    #expect(pixels.width == 8 && pixels.height == 8)
    #expect(pixels.pixels.indices.allSatisfy { pixels.pixels[$0] == dot.pixels[$0 % 3] })
  }
}
