import DLATensor

extension Graph {
  /// An operation of the network; its weights are named by the node that holds it.
  public enum Operation: Sendable, Equatable {
    /// The images, [N, C, H, W].
    case input
    /// A two-dimensional convolution with weights `<name>.weight` and, if any, `<name>.bias`.
    case convolution(Convolution)
    /// y = (x - mean) / sqrt(variance + 1e-5) · weight + bias, per channel.
    case batchNorm
    /// max(x, 0).
    case relu
    /// The sum of two inputs of the same shape.
    case add
    /// The inputs one after another along the channels.
    case concatenate
    /// Some consecutive channels of the input.
    case slice(Range<Int>)
    /// The maximum of each `window`×`window` square; squares do not overlap and the rest is
    /// dropped.
    case maxPool(window: Int)
    /// The mean of each 3×3 square at a distance of `stride`; the border of one zero counts.
    case averagePool3x3(stride: Int)
    /// The mean over all pixels, [N, C, 1, 1].
    case globalAveragePool

    /// The numerical guard of every batch norm of the family.
    public static let batchNormEpsilon = 1e-5
  }
}

/// The numbers of a square two-dimensional convolution.
public struct Convolution: Sendable, Equatable {
  /// Channels in, over all groups.
  public let inChannels: Int
  /// Channels out, over all groups.
  public let outChannels: Int
  /// The side of the kernel; the input is padded with (kernelSize - 1) / 2 zeros on each edge.
  public let kernelSize: Int
  /// The distance between output pixels, in input pixels.
  public let stride: Int
  /// Independent groups the channels are divided into.
  public let groups: Int
  /// True if a bias is added.
  public let hasBias: Bool

  /// Makes a convolution.
  ///
  /// - Parameters:
  ///   - inChannels: channels in, over all groups.
  ///   - outChannels: channels out, over all groups.
  ///   - kernelSize: the side of the kernel.
  ///   - stride: the distance between output pixels.
  ///   - groups: independent groups of channels.
  ///   - hasBias: whether a bias is added.
  /// - Precondition: `groups` divides both channel counts.
  public init(
    inChannels: Int, outChannels: Int, kernelSize: Int, stride: Int = 1, groups: Int = 1,
    hasBias: Bool = false
  ) {
    precondition(
      inChannels % groups == 0 && outChannels % groups == 0,
      "\(groups) groups do not divide \(inChannels) and \(outChannels) channels")
    (self.inChannels, self.outChannels, self.kernelSize) = (inChannels, outChannels, kernelSize)
    (self.stride, self.groups, self.hasBias) = (stride, groups, hasBias)
  }

  /// The zeros added on each edge of the input.
  public var padding: Int { (kernelSize - 1) / 2 }

  /// An equivalent convolution for feature maps of a size: on a single pixel only the middle
  /// element of a kernel meets anything but padding.
  ///
  /// Convolutions in groups stay as they are, since their 3×3 kernels have an algorithm of their
  /// own.
  package func trimmed(to size: SpatialSize) -> Convolution {
    guard kernelSize > 1, stride == 1, groups == 1, size.area == 1 else { return self }
    return Convolution(
      inChannels: inChannels, outChannels: outChannels, kernelSize: 1, hasBias: hasBias)
  }

  /// The shape of the weights, [O, I / groups, kernelSize, kernelSize].
  public var weightShape: [Int] { [outChannels, inChannels / groups, kernelSize, kernelSize] }
}
