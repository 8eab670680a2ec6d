/// A rectangle of output pixels whose sums are all held in registers.
///
/// A tile is built from two smaller ones, so the compiler sees plain nested structures of vectors and
/// keeps every one in a register; arrays of vectors stay in memory.
protocol Tile {
  associatedtype Unit: Pixel
  /// Pixels of a row.
  static var columns: Int { get }
  static var zero: Self { get }
  init(bias: UnsafePointer<Float>)
  /// Adds the input at one kernel element times its weights to every pixel; `row` is the distance
  /// between the inputs of neighbouring output rows.
  mutating func accumulate<A: Access>(
    _ source: UnsafePointer<Float>, row: Int, _ weights: Unit.Weights, _: A.Type)
  /// Adds to every pixel the values that lie `pixel` floats after those of its neighbour.
  mutating func add(_ source: UnsafePointer<Float>, row: Int, pixel: Int, vector: Int)
  func store(
    _ destination: UnsafeMutablePointer<Float>, row: Int, pixel: Int, vector: Int, floor: Vector)
}

struct Single<Unit: Pixel>: Tile {
  private var pixel: Unit

  @inline(__always) static var columns: Int { 1 }
  @inline(__always) static var zero: Self { Self(pixel: .zero) }
  @inline(__always) private init(pixel: Unit) { self.pixel = pixel }
  @inline(__always) init(bias: UnsafePointer<Float>) { pixel = Unit(bias: bias) }
  @inline(__always) mutating func accumulate<A: Access>(
    _ source: UnsafePointer<Float>, row: Int, _ weights: Unit.Weights, _: A.Type
  ) { pixel.multiplyAdd(A.kernelElement(source), weights) }
  @inline(__always) mutating func add(
    _ source: UnsafePointer<Float>, row: Int, pixel: Int, vector: Int
  ) { self.pixel.add(source, vector: vector) }
  @inline(__always)
  func store(
    _ destination: UnsafeMutablePointer<Float>, row: Int, pixel: Int, vector: Int, floor: Vector
  ) { self.pixel.store(destination, vector: vector, floor: floor) }
}

/// Two tiles next to each other.
struct Beside<Left: Tile, Right: Tile>: Tile where Left.Unit == Right.Unit {
  private var left: Left
  private var right: Right

  typealias Unit = Left.Unit
  @inline(__always) static var columns: Int { Left.columns + Right.columns }
  @inline(__always) static var zero: Self { Self(left: .zero, right: .zero) }
  @inline(__always) private init(left: Left, right: Right) {
    (self.left, self.right) = (left, right)
  }
  @inline(__always) init(bias: UnsafePointer<Float>) {
    left = Left(bias: bias)
    right = Right(bias: bias)
  }
  @inline(__always) mutating func accumulate<A: Access>(
    _ source: UnsafePointer<Float>, row: Int, _ weights: Unit.Weights, _: A.Type
  ) {
    left.accumulate(source, row: row, weights, A.self)
    right.accumulate(source + Left.columns * A.pixelStep, row: row, weights, A.self)
  }
  @inline(__always) mutating func add(
    _ source: UnsafePointer<Float>, row: Int, pixel: Int, vector: Int
  ) {
    left.add(source, row: row, pixel: pixel, vector: vector)
    right.add(source + Left.columns * pixel, row: row, pixel: pixel, vector: vector)
  }
  @inline(__always)
  func store(
    _ destination: UnsafeMutablePointer<Float>, row: Int, pixel: Int, vector: Int, floor: Vector
  ) {
    left.store(destination, row: row, pixel: pixel, vector: vector, floor: floor)
    right.store(
      destination + Left.columns * pixel, row: row, pixel: pixel, vector: vector, floor: floor)
  }
}

/// Two equal tiles, one a row below the other.
struct Stacked<Part: Tile>: Tile {
  private var top: Part
  private var bottom: Part

  typealias Unit = Part.Unit
  @inline(__always) static var columns: Int { Part.columns }
  @inline(__always) static var zero: Self { Self(top: .zero, bottom: .zero) }
  @inline(__always) private init(top: Part, bottom: Part) {
    (self.top, self.bottom) = (top, bottom)
  }
  @inline(__always) init(bias: UnsafePointer<Float>) {
    top = Part(bias: bias)
    bottom = Part(bias: bias)
  }
  @inline(__always) mutating func accumulate<A: Access>(
    _ source: UnsafePointer<Float>, row: Int, _ weights: Unit.Weights, _: A.Type
  ) {
    top.accumulate(source, row: row, weights, A.self)
    bottom.accumulate(source + row, row: row, weights, A.self)
  }
  @inline(__always) mutating func add(
    _ source: UnsafePointer<Float>, row: Int, pixel: Int, vector: Int
  ) {
    top.add(source, row: row, pixel: pixel, vector: vector)
    bottom.add(source + row, row: row, pixel: pixel, vector: vector)
  }
  @inline(__always)
  func store(
    _ destination: UnsafeMutablePointer<Float>, row: Int, pixel: Int, vector: Int, floor: Vector
  ) {
    top.store(destination, row: row, pixel: pixel, vector: vector, floor: floor)
    bottom.store(destination + row, row: row, pixel: pixel, vector: vector, floor: floor)
  }
}

typealias Columns1<P: Pixel> = Single<P>
typealias Columns2<P: Pixel> = Beside<Columns1<P>, Columns1<P>>
typealias Columns3<P: Pixel> = Beside<Columns2<P>, Columns1<P>>
typealias Columns4<P: Pixel> = Beside<Columns2<P>, Columns2<P>>
typealias Columns5<P: Pixel> = Beside<Columns4<P>, Columns1<P>>
typealias Columns6<P: Pixel> = Beside<Columns4<P>, Columns2<P>>
typealias Columns7<P: Pixel> = Beside<Columns4<P>, Columns3<P>>
typealias Columns8<P: Pixel> = Beside<Columns4<P>, Columns4<P>>
typealias Columns9<P: Pixel> = Beside<Columns8<P>, Columns1<P>>
typealias Columns10<P: Pixel> = Beside<Columns8<P>, Columns2<P>>
typealias Columns11<P: Pixel> = Beside<Columns8<P>, Columns3<P>>
typealias Columns12<P: Pixel> = Beside<Columns8<P>, Columns4<P>>
typealias Columns13<P: Pixel> = Beside<Columns8<P>, Columns5<P>>
typealias Columns14<P: Pixel> = Beside<Columns8<P>, Columns6<P>>
