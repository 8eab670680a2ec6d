import DLACore
import DLAKernelTypes

extension MapView {
  /// One image of one plane.
  func rows(
    plane: Int, image: Int, _ arena: UnsafeMutablePointer<Float>
  ) -> DestinationRows {
    DestinationRows(
      base: arena + planes[plane].offset + image * geometry.image + geometry.origin,
      row: geometry.row, pixel: geometry.pixel * geometry.spacing)
  }
}

extension MapView {
  /// The pieces of a map that workers share: the images of its planes.
  func forEachImage(_ worker: Worker, _ body: (_ plane: Int, _ image: Int) -> Void) {
    for unit in worker.share(of: planes.count * geometry.images) {
      let (plane, image) = unit.quotientAndRemainder(dividingBy: geometry.images)
      body(plane, image)
    }
  }
}

extension DestinationRows {
  /// The same to read.
  var source: SourceRows { SourceRows(base: UnsafePointer(base), row: row, pixel: pixel) }
}
