import CDLAKernels

/// Work that is compiled for every kind of line.
protocol LineVisitor {
  func visit<L: WinogradLine>(_: L.Type)
}

/// Calls the visitor with the line of a tile that has so many outputs left.
@inline(__always)
func withLine<V: LineVisitor>(_ tile: WinogradTile, outputs: Int, _ visitor: V) {
  switch (tile, outputs) {
  case (.two, 2): visitor.visit(Line2.self)
  case (.two, _): visitor.visit(Line2Of1.self)
  case (.four, 4): visitor.visit(Line4.self)
  case (.four, 3): visitor.visit(Line4Of3.self)
  case (.four, 2): visitor.visit(Line4Of2.self)
  case (.four, _): visitor.visit(Line4Of1.self)
  case (.fourStride2, 4): visitor.visit(Stride2Line4.self)
  case (.fourStride2, 3): visitor.visit(Stride2Line4Of3.self)
  case (.fourStride2, 2): visitor.visit(Stride2Line4Of2.self)
  case (.fourStride2, _): visitor.visit(Stride2Line4Of1.self)
  }
}
