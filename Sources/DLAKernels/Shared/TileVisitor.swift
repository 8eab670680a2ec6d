/// Work that is compiled for every width of tile.
protocol TileVisitor {
  associatedtype Unit: Pixel
  func visit<T: Tile>(_: T.Type) where T.Unit == Unit
}

/// Calls the visitor with the type of a tile of one row.
///
/// `limit` is a constant, so that no tile which the registers can't hold is compiled.
@inline(__always)
func withTile<V: TileVisitor>(columns: Int, limit: Int, _ visitor: V) {
  switch columns {
  case 1: visitor.visit(Columns1<V.Unit>.self)
  case 2 where limit >= 2: visitor.visit(Columns2<V.Unit>.self)
  case 3 where limit >= 3: visitor.visit(Columns3<V.Unit>.self)
  case 4 where limit >= 4: visitor.visit(Columns4<V.Unit>.self)
  case 5 where limit >= 5: visitor.visit(Columns5<V.Unit>.self)
  case 6 where limit >= 6: visitor.visit(Columns6<V.Unit>.self)
  case 7 where limit >= 7: visitor.visit(Columns7<V.Unit>.self)
  case 8 where limit >= 8: visitor.visit(Columns8<V.Unit>.self)
  case 9 where limit >= 9: visitor.visit(Columns9<V.Unit>.self)
  case 10 where limit >= 10: visitor.visit(Columns10<V.Unit>.self)
  case 11 where limit >= 11: visitor.visit(Columns11<V.Unit>.self)
  case 12 where limit >= 12: visitor.visit(Columns12<V.Unit>.self)
  case 13 where limit >= 13: visitor.visit(Columns13<V.Unit>.self)
  case 14 where limit >= 14: visitor.visit(Columns14<V.Unit>.self)
  default: preconditionFailure("a tile is wider than the registers hold")
  }
}

/// Calls another visitor with two of each tile, one above the other.
struct Pairing<Inner: TileVisitor>: TileVisitor {
  typealias Unit = Inner.Unit
  let inner: Inner

  @inline(__always) init(_ inner: Inner) { self.inner = inner }
  @inline(__always) func visit<T: Tile>(_: T.Type) where T.Unit == Unit {
    inner.visit(Stacked<T>.self)
  }
}
