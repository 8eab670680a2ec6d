import CDLAKernels

extension TensorView {
  /// One image of one channel block.
  func rows(
    channelBlock: Int, image: Int, _ arena: UnsafeMutablePointer<Float>
  ) -> DestinationRows {
    DestinationRows(
      base: arena + channelBlocks[channelBlock].offset + image * geometry.image + geometry.origin,
      row: geometry.row, pixel: geometry.pixel * geometry.spacing)
  }
}

extension TensorView {
  /// The pieces of a feature map that workers share: the images of its channel blocks.
  func forEachImage(_ worker: Worker, _ body: (_ channelBlock: Int, _ image: Int) -> Void) {
    for unit in worker.share(of: channelBlocks.count * geometry.images) {
      let (channelBlock, image) = unit.quotientAndRemainder(dividingBy: geometry.images)
      body(channelBlock, image)
    }
  }
}

extension DestinationRows {
  /// The same to read.
  var source: SourceRows { SourceRows(base: UnsafePointer(base), row: row, pixel: pixel) }
}
