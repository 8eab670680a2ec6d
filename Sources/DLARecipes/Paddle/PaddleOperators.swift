import DLAData
import DLAModels

struct PaddleOperators {
  /// Whose decoding it is.
  var decoder = ImageConvention.opencv
  /// The interpolation of the whole image, where it is resized.
  var resampling: Resampling?
  /// The shorter side after resizing.
  var resizeShort: Int?
  /// The side of the crop, of the centre or at random.
  var crop: Int?
  /// The mean that is subtracted from red, green and blue.
  var mean: SIMD3<Float>?
  /// The standard deviation that they are divided by.
  var deviation: SIMD3<Float>?
  var augmentation = Augmentation(crop: .centre, flip: 0)

  /// Reads `transform_ops`.
  ///
  /// - Throws: `RecipeError` if they can't be followed.
  init(_ dataset: Section, mayBeRandom: Bool) throws(RecipeError) {
    guard let items = try dataset.items("transform_ops") else {
      throw dataset.missing("transform_ops", "a list of operators")
    }
    var last = 0
    var seen: Set<String> = []
    for item in items {
      guard let place = Self.order[item.name], mayBeRandom || Self.fixed.contains(item.name) else {
        throw item.refusal(
          supported: mayBeRandom ? Self.order.keys.sorted() : Self.fixed,
          known: Self.otherOperators + Self.order.keys.sorted())
      }
      guard place >= last, seen.insert(item.name).inserted else {
        throw item.error(
          .unsupported,
          "\(item.path) stands behind an operator that comes later here, or a second "
            + "time; the order is decode, crop, change, normalise, erase")
      }
      last = place
      try read(item)
    }
    let lacking = [
      seen.contains("DecodeImage") ? nil : "DecodeImage", crop == nil ? "a crop" : nil,
      seen.contains("NormalizeImage") ? nil : "NormalizeImage",
    ].compactMap(\.self)
    guard lacking.isEmpty, let crop else {
      throw dataset.error(
        .missing, "transform_ops",
        "\(dataset.path(of: "transform_ops")) lacks \(lacking.joined(separator: " and ")); DecodeImage, "
          + "a crop and NormalizeImage are expected")
    }
    guard !(seen.contains("RandCropImage") && seen.contains("CropImage")) else {
      throw dataset.error(
        .unsupported, "transform_ops",
        "\(dataset.path(of: "transform_ops")) crops twice, which is not supported; leave CropImage out"
      )
    }
    guard resizeShort ?? crop >= crop, (resizeShort == nil) == seen.contains("RandCropImage") else {
      throw dataset.error(
        .unsuitableValue, "transform_ops",
        "\(dataset.path(of: "transform_ops")) crops \(crop) "
          + "pixels; RandCropImage is expected, or CropImage behind a ResizeImage whose resize_short "
          + "is at least as much")
    }
  }

  private mutating func read(_ item: NamedItem) throws(RecipeError) {
    switch item.name {
    case "DecodeImage":
      let settings = try item.section([
        "to_rgb": .on, "to_np": .read, "channel_first": .off, "backend": .read,
      ])
      decoder = try settings.backend()
      // PIL's own images are red, green and blue at once, OpenCV's only as to_rgb makes them.
      let isArray = try settings.flag("to_np") ?? true
      guard decoder == .pil || isArray else {
        throw settings.error(
          .unsupported, "to_np",
          "\(settings.path(of: "to_np")) is False, which is supported beside backend: pil; remove it"
        )
      }
    case "ResizeImage":
      let settings = try item.section([
        "resize_short": .read, "size": .unsupported, "interpolation": .read, "backend": .read,
        "return_numpy": .elsewhere,
      ])
      let resamplings = try settings.resamplings()
      guard resamplings.count == 1 else {
        throw settings.error(
          .unsupported, "interpolation",
          "\(settings.path(of: "interpolation")) is random, which is supported for RandCropImage; name "
            + "one")
      }
      resampling = resamplings.first
      guard let side = try settings.integer("resize_short", 1...Preprocessor.maxSide) else {
        throw settings.missing("resize_short", "a whole number")
      }
      resizeShort = side
    case "CropImage": crop = try item.section(["size": .read]).networkSide("size")
    case "NormalizeImage": try readNormalization(item)
    case "RandCropImage":
      let settings = try item.section(RandomResizedCrop.keys)
      crop = try settings.networkSide("size")
      augmentation.crop = .resized(try RandomResizedCrop(settings))
    default: try augmentation.follow(item)
    }
  }

  private mutating func readNormalization(_ item: NamedItem) throws(RecipeError) {
    let settings = try item.section([
      "scale": .read, "mean": .read, "std": .read, "order": .read, "output_fp16": .off,
      "channel_num": .only(.integer(3)),
    ])
    let scale = try settings.number("scale", .positive) ?? 1 / 255
    // Mean and deviation are of the scaled values; ours are of values from 0 to 1.
    let unit = abs(scale * 255 - 1) < 1e-6 ? 1 : scale * 255
    if let node = settings.node("order") {
      guard case .scalar(let order) = node.content, ["", "hwc"].contains(order.text) else {
        throw settings.error(
          .unsupported, "order", "\(settings.path(of: "order")) is not supported; '' and 'hwc' are")
      }
    }
    let mean = try settings.numbers("mean", .between(-1e3, 1e3), count: 3) ?? [0.485, 0.456, 0.406]
    let deviation =
      try settings.numbers("std", .between(1e-6, 1e6), count: 3) ?? [0.229, 0.224, 0.225]
    self.mean = SIMD3(mean.map { Float($0 / unit) })
    self.deviation = SIMD3(deviation.map { Float($0 / unit) })
  }

  /// Operators in the order that they are followed in.
  private static let order = [
    "DecodeImage": 1, "ResizeImage": 2, "RandCropImage": 3, "CropImage": 3, "RandFlipImage": 4,
    "ColorJitter": 4, "RandAugment": 4, "AutoAugment": 4, "TimmAutoAugment": 4, "NormalizeImage": 5,
    "RandomErasing": 6,
  ]
  private static let fixed = ["DecodeImage", "ResizeImage", "CropImage", "NormalizeImage"]
  private static let otherOperators = [
    "AugMix", "CenterCrop", "CropImageAtRatio", "CropWithPadding", "Cutout",
    "GridMask",
    "HideAndSeek", "PCALighting", "Pad", "Padv2", "RandAugmentV2", "RandAugmentV3",
    "RandAugmentV4", "RandCropImageV2", "Normalize", "RandomApply", "RandomHorizontalFlip",
    "RandomResizedCrop", "Resize", "ToTensor", "RandomCropImage", "RandomGrayscale",
    "RandomInterpolationAugment", "RandomRot90", "RandomRotation", "ToCHWImage",
  ]
}
