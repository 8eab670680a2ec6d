/// The kernels of one instruction set.
///
/// Every kernel works on rows of one image and touches nothing but what its pointers describe.
package struct KernelTable: Sendable {
  /// Floats of a vector: 8 or 16.
  package var lanes: Int
  /// Output pixels that a convolution holds in registers; rows are split evenly into at most these.
  package var columns: Int

  package var convolve: @Sendable (DirectConvolution, ConvolutionCall) -> Void
  package var convolveGrouped: @Sendable (GroupedConvolution, GroupedConvolutionCall) -> Void
  /// Tiles of one channel block into points.
  package var winogradInput:
    @Sendable (WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradInputCall) -> Void
  /// Transformed tiles times transformed weights.
  package var winogradProducts: @Sendable (WinogradProductCall) -> Void
  /// Points of one channel block into pixels.
  package var winogradOutput:
    @Sendable (WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradOutputCall) -> Void
  /// One row of a NCHW image into points.
  package var winograd1DInput: @Sendable (Winograd1DInputCall) -> Void
  /// Points of one row of a channel block into pixels.
  package var winograd1DOutput: @Sendable (Winograd1DOutputCall) -> Void
  /// The maximum of each square of `window`, from the first pixel of a channel block, for some output rows.
  package var maxPool:
    @Sendable (
      ChannelBlockGeometry, _ window: Int, _ source: UnsafePointer<Float>,
      _ destination: UnsafeMutablePointer<Float>, _ rows: Range<Int>
    ) -> Void
  /// The mean of 3×3 squares; `source` is the kernel element above and left of pixel (0, 0).
  package var averagePool3x3:
    @Sendable (
      ChannelBlockGeometry, _ stride: Int, _ source: UnsafePointer<Float>,
      _ destination: UnsafeMutablePointer<Float>, _ rows: Range<Int>
    ) -> Void
  /// The mean of `rows`×`width` pixels of a channel block, sixteen channels.
  package var globalAverage:
    @Sendable (
      ChannelBlockGeometry, _ rows: Int, _ source: UnsafePointer<Float>,
      _ destination: UnsafeMutablePointer<Float>
    ) -> Void
  /// destination = source + other, for some rows; rows of `other` are `otherRow` floats apart.
  package var add:
    @Sendable (
      ChannelBlockGeometry, _ source: UnsafePointer<Float>, _ other: UnsafePointer<Float>,
      _ otherRow: Int, _ destination: UnsafeMutablePointer<Float>, _ rows: Range<Int>
    ) -> Void

  /// What training needs beside these.
  package var training: TrainingKernels

  package init(
    lanes: Int, columns: Int,
    convolve: @escaping @Sendable (DirectConvolution, ConvolutionCall) -> Void,
    convolveGrouped:
      @escaping @Sendable (GroupedConvolution, GroupedConvolutionCall) -> Void,
    winogradInput:
      @escaping @Sendable (
        WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradInputCall
      ) -> Void,
    winogradProducts: @escaping @Sendable (WinogradProductCall) -> Void,
    winogradOutput:
      @escaping @Sendable (
        WinogradTile, UnsafeBufferPointer<WinogradTilePlace>, WinogradOutputCall
      ) -> Void,
    winograd1DInput: @escaping @Sendable (Winograd1DInputCall) -> Void,
    winograd1DOutput: @escaping @Sendable (Winograd1DOutputCall) -> Void,
    maxPool:
      @escaping @Sendable (
        ChannelBlockGeometry, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Range<Int>
      ) -> Void,
    averagePool3x3:
      @escaping @Sendable (
        ChannelBlockGeometry, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Range<Int>
      ) -> Void,
    globalAverage:
      @escaping @Sendable (
        ChannelBlockGeometry, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>
      ) -> Void,
    add:
      @escaping @Sendable (
        ChannelBlockGeometry, UnsafePointer<Float>, UnsafePointer<Float>, Int,
        UnsafeMutablePointer<Float>, Range<Int>
      ) -> Void,
    training: TrainingKernels
  ) {
    self.lanes = lanes
    self.columns = columns
    self.convolve = convolve
    self.convolveGrouped = convolveGrouped
    self.winogradInput = winogradInput
    self.winogradProducts = winogradProducts
    self.winogradOutput = winogradOutput
    self.winograd1DInput = winograd1DInput
    self.winograd1DOutput = winograd1DOutput
    self.maxPool = maxPool
    self.averagePool3x3 = averagePool3x3
    self.globalAverage = globalAverage
    self.add = add
    self.training = training
  }
}
