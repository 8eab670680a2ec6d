/// How the input at a kernel element is read, and the distances between the inputs and the outputs
/// of neighbouring pixels.
protocol Access {
  /// Floats between the inputs of neighbouring output pixels.
  static var pixelStep: Int { get }
  /// Floats between neighbouring output pixels.
  static var outputStep: Int { get }
  /// The input as a vector to multiply with.
  static func kernelElement(_ source: UnsafePointer<Float>) -> Vector
}

extension Access {
  @inline(__always) static var outputStep: Int { 16 }
  @inline(__always) static func kernelElement(_ source: UnsafePointer<Float>) -> Vector {
    splat(source.pointee)
  }
}

/// An NCHW image: one float a pixel.
enum NCHWAccess: Access {
  @inline(__always) static var pixelStep: Int { 1 }
}

/// A channel block of sixteen channels a pixel.
enum BlockedAccess: Access {
  @inline(__always) static var pixelStep: Int { 16 }
}

/// Every other pixel of a channel block.
enum BlockedStride2Access: Access {
  @inline(__always) static var pixelStep: Int { 32 }
}

/// A channel block whose pixels contribute to every other pixel of the output.
enum BlockedToStride2Access: Access {
  @inline(__always) static var pixelStep: Int { 16 }
  @inline(__always) static var outputStep: Int { 32 }
}

/// The output channels of one pixel that a tile holds: one vector or two.
protocol Pixel {
  /// The weights of one kernel element.
  associatedtype Weights
  /// Vectors of output channels.
  static var vectors: Int { get }
  static func loadWeights(_ source: UnsafePointer<Float>) -> Weights
  /// The weights of a kernel element whose second vector, if any, lies `vector` floats behind the first.
  static func loadWeights(_ source: UnsafePointer<Float>, vector: Int) -> Weights
  static var zero: Self { get }
  init(bias: UnsafePointer<Float>)
  mutating func multiplyAdd(_ kernelElement: Vector, _ weights: Weights)
  mutating func add(_ source: UnsafePointer<Float>, vector: Int)
  func store(_ destination: UnsafeMutablePointer<Float>, vector: Int, floor: Vector)
}

struct Pixel1: Pixel {
  private var a: Vector

  @inline(__always) static var vectors: Int { 1 }
  @inline(__always) static func loadWeights(_ source: UnsafePointer<Float>) -> Vector {
    load(source)
  }
  @inline(__always)
  static func loadWeights(_ source: UnsafePointer<Float>, vector: Int) -> Vector { load(source) }
  @inline(__always) static var zero: Self { Self(a: splat(0)) }
  @inline(__always) private init(a: Vector) { self.a = a }
  @inline(__always) init(bias: UnsafePointer<Float>) { a = load(bias) }
  @inline(__always) mutating func multiplyAdd(_ kernelElement: Vector, _ weights: Vector) {
    a = multiplyAdded(kernelElement, weights, a)
  }
  @inline(__always) mutating func add(_ source: UnsafePointer<Float>, vector: Int) {
    a += load(source)
  }
  @inline(__always)
  func store(_ destination: UnsafeMutablePointer<Float>, vector: Int, floor: Vector) {
    storeVector(destination, maximum(floor, a))
  }
}

struct Pixel2: Pixel {
  private var a: Vector
  private var b: Vector

  @inline(__always) static var vectors: Int { 2 }
  @inline(__always) static func loadWeights(_ source: UnsafePointer<Float>) -> (Vector, Vector) {
    (load(source), load(source + lanes))
  }
  @inline(__always)
  static func loadWeights(_ source: UnsafePointer<Float>, vector: Int) -> (Vector, Vector) {
    (load(source), load(source + vector))
  }
  @inline(__always) static var zero: Self { Self(a: splat(0), b: splat(0)) }
  @inline(__always) private init(a: Vector, b: Vector) {
    (self.a, self.b) = (a, b)
  }
  @inline(__always) init(bias: UnsafePointer<Float>) {
    a = load(bias)
    b = load(bias + lanes)
  }
  @inline(__always) mutating func multiplyAdd(_ kernelElement: Vector, _ weights: (Vector, Vector))
  {
    a = multiplyAdded(kernelElement, weights.0, a)
    b = multiplyAdded(kernelElement, weights.1, b)
  }
  @inline(__always) mutating func add(_ source: UnsafePointer<Float>, vector: Int) {
    a += load(source)
    b += load(source + vector)
  }
  @inline(__always)
  func store(_ destination: UnsafeMutablePointer<Float>, vector: Int, floor: Vector) {
    storeVector(destination, maximum(floor, a))
    storeVector(destination + vector, maximum(floor, b))
  }
}
