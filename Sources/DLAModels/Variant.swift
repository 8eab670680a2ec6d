/// The numbers that make one network of the family.
///
/// Source: timm 1.0.31, `timm/models/dla.py`, whose rows are those of the original release;
/// accuracies are the published ones of PaddleClas (`docs/zh_CN/models/ImageNet1k/DLA.md`) and of
/// timm (`results/results-imagenet.csv`), on ImageNet's 50,000 validation images at 224×224.
public struct Variant: Sendable, Equatable {
  /// The unit that trees are made of.
  public enum Block: Sendable, Equatable {
    /// Two 3×3 convolutions.
    case basic
    /// A 1×1, a 3×3 and a 1×1 convolution; in the x variants the 3×3 is grouped.
    case bottleneck
    /// A bottleneck whose 3×3 is a chain of `scale` parts (Res2Net, arXiv:1904.01169).
    case res2net(scale: Int)
  }

  /// Top-1 and Top-5 accuracy, in per cent.
  public struct Accuracy: Sendable, Equatable {
    /// The share of images whose most probable class is right.
    public let top1: Double
    /// The share of images whose class is among the five most probable.
    public let top5: Double

    init(_ top1: Double, _ top5: Double) {
      (self.top1, self.top5) = (top1, top5)
    }
  }

  /// The name in timm's spelling.
  public let name: String
  /// Convolutions in levels 0 and 1, then the depth of the trees of levels 2 to 5.
  public let depths: [Int]
  /// Channels of the six levels.
  public let channels: [Int]
  /// The unit that trees are made of.
  public let block: Block
  /// Groups of the 3×3 convolutions.
  public let cardinality: Int
  /// Channels of a group per 64 channels of the block.
  public let baseWidth: Int
  /// True if a root adds its first child.
  public let rootShortcut: Bool
  /// The accuracy that PaddleClas publishes; nil if it has no such model.
  public let paddleAccuracy: Accuracy?
  /// The accuracy that timm publishes.
  public let timmAccuracy: Accuracy

  private init(
    _ name: String, _ depths: [Int], _ channels: [Int], _ block: Block, cardinality: Int = 1,
    baseWidth: Int = 64, rootShortcut: Bool = false, paddle: Accuracy?, timm: Accuracy
  ) {
    (self.name, self.depths, self.channels, self.block) = (name, depths, channels, block)
    (self.cardinality, self.baseWidth, self.rootShortcut) = (cardinality, baseWidth, rootShortcut)
    paddleAccuracy = paddle
    timmAccuracy = timm
  }

  private static let compact = [16, 32, 64, 64, 128, 256]
  private static let wide = [16, 32, 128, 256, 512, 1024]

  /// The ten published networks, then timm's two Res2Net variants.
  public static let all: [Variant] = [
    Variant(
      "dla34", [1, 1, 1, 2, 2, 1], [16, 32, 64, 128, 256, 512], .basic,
      paddle: .init(76.03, 92.98), timm: .init(74.63, 92.05)),
    Variant(
      "dla46_c", [1, 1, 1, 2, 2, 1], compact, .bottleneck,
      paddle: .init(63.21, 85.30), timm: .init(64.88, 86.33)),
    Variant(
      "dla46x_c", [1, 1, 1, 2, 2, 1], compact, .bottleneck, cardinality: 32, baseWidth: 4,
      paddle: .init(64.36, 86.01), timm: .init(66.01, 86.95)),
    Variant(
      "dla60", [1, 1, 1, 2, 3, 1], wide, .bottleneck,
      paddle: .init(76.10, 92.92), timm: .init(77.04, 93.32)),
    Variant(
      "dla60x", [1, 1, 1, 2, 3, 1], wide, .bottleneck, cardinality: 32, baseWidth: 4,
      paddle: .init(77.53, 93.78), timm: .init(78.23, 94.02)),
    Variant(
      "dla60x_c", [1, 1, 1, 2, 3, 1], compact, .bottleneck, cardinality: 32, baseWidth: 4,
      paddle: .init(66.45, 87.54), timm: .init(67.93, 88.43)),
    Variant(
      "dla102", [1, 1, 1, 3, 4, 1], wide, .bottleneck, rootShortcut: true,
      paddle: .init(78.93, 94.52), timm: .init(78.02, 93.95)),
    Variant(
      "dla102x", [1, 1, 1, 3, 4, 1], wide, .bottleneck, cardinality: 32, baseWidth: 4,
      rootShortcut: true, paddle: .init(78.10, 94.00), timm: .init(78.52, 94.23)),
    Variant(
      "dla102x2", [1, 1, 1, 3, 4, 1], wide, .bottleneck, cardinality: 64, baseWidth: 4,
      rootShortcut: true, paddle: .init(78.85, 94.45), timm: .init(79.45, 94.65)),
    Variant(
      "dla169", [1, 1, 2, 3, 5, 1], wide, .bottleneck, rootShortcut: true,
      paddle: .init(78.09, 94.09), timm: .init(78.70, 94.33)),
    Variant(
      "dla60_res2net", [1, 1, 1, 2, 3, 1], wide, .res2net(scale: 4), baseWidth: 28,
      paddle: nil, timm: .init(78.48, 94.20)),
    Variant(
      "dla60_res2next", [1, 1, 1, 2, 3, 1], wide, .res2net(scale: 4), cardinality: 8, baseWidth: 4,
      paddle: nil, timm: .init(78.49, 94.14)),
  ]
}
