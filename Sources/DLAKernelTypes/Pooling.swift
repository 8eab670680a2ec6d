/// The geometry of an operation on the pixels of one channel block.
///
/// Distances are in floats.
package struct ChannelBlockGeometry: Sendable {
  package var sourceRow: Int
  package var destinationRow: Int
  /// Output columns.
  package var width: Int

  package init(sourceRow: Int, destinationRow: Int, width: Int) {
    self.sourceRow = sourceRow
    self.destinationRow = destinationRow
    self.width = width
  }
}
