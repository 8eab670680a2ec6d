/// Work that is compiled for every width of tile.
protocol TileVisitor {
  associatedtype Unit: Pixel
  func visit<T: Tile>(_: T.Type) where T.Unit == Unit
}

/// The tile widths that are compiled for a loop.
///
/// The sets are literal: a limit that is computed becomes a constant only after the tiles of all
/// widths have been specialised, which takes minutes.
protocol TileSet {
  /// The widest, in pixels.
  static var maximum: Int { get }
  /// Calls the visitor with the tile of one row of `columns` pixels, 1 to `maximum`.
  static func visit<V: TileVisitor>(columns: Int, _ visitor: V)
}

enum UpTo1: TileSet {
  @inline(__always) static var maximum: Int { 1 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    visitor.visit(Columns1<V.Unit>.self)
  }
}

enum UpTo2: TileSet {
  @inline(__always) static var maximum: Int { 2 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    switch columns {
    case 2: visitor.visit(Columns2<V.Unit>.self)
    default: UpTo1.visit(columns: columns, visitor)
    }
  }
}

enum UpTo3: TileSet {
  @inline(__always) static var maximum: Int { 3 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    switch columns {
    case 3: visitor.visit(Columns3<V.Unit>.self)
    default: UpTo2.visit(columns: columns, visitor)
    }
  }
}

enum UpTo6: TileSet {
  @inline(__always) static var maximum: Int { 6 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    switch columns {
    case 6: visitor.visit(Columns6<V.Unit>.self)
    case 5: visitor.visit(Columns5<V.Unit>.self)
    case 4: visitor.visit(Columns4<V.Unit>.self)
    default: UpTo3.visit(columns: columns, visitor)
    }
  }
}

enum UpTo7: TileSet {
  @inline(__always) static var maximum: Int { 7 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    switch columns {
    case 7: visitor.visit(Columns7<V.Unit>.self)
    default: UpTo6.visit(columns: columns, visitor)
    }
  }
}

enum UpTo14: TileSet {
  @inline(__always) static var maximum: Int { 14 }
  @inline(__always) static func visit<V: TileVisitor>(columns: Int, _ visitor: V) {
    switch columns {
    case 14: visitor.visit(Columns14<V.Unit>.self)
    case 13: visitor.visit(Columns13<V.Unit>.self)
    case 12: visitor.visit(Columns12<V.Unit>.self)
    case 11: visitor.visit(Columns11<V.Unit>.self)
    case 10: visitor.visit(Columns10<V.Unit>.self)
    case 9: visitor.visit(Columns9<V.Unit>.self)
    case 8: visitor.visit(Columns8<V.Unit>.self)
    default: UpTo7.visit(columns: columns, visitor)
    }
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
