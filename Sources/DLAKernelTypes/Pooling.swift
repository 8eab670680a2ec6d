/// The geometry of an operation on the pixels of one plane.
///
/// Distances are in floats.
package struct PlaneGeometry: Sendable {
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
