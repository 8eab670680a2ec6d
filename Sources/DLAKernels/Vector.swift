typealias Vector = SIMD8<Float>

/// Floats of a vector.
var lanes: Int { @inline(__always) get { 8 } }
/// Pixels of a tile that has two vectors each.
///
/// 3 pixels × 2 vectors of two four-float registers: 12 of 16 registers, and the rest for a kernel element.
var maximumColumns: Int { @inline(__always) get { 3 } }

@inline(__always) func load(_ p: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
}
@inline(__always) func storeVector(_ p: UnsafeMutablePointer<Float>, _ v: Vector) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}
@inline(__always) func splat(_ x: Float) -> Vector { Vector(repeating: x) }
/// Rounded twice on x86-64, where the baseline has no fused multiply-add; results differ in the last
/// bits from the other instruction sets.
@inline(__always) func multiplyAdded(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  a * b + c
}
/// The larger of each lane; `b` where either is not a number.
@inline(__always) func maximum(_ a: Vector, _ b: Vector) -> Vector {
  b.replacing(with: a, where: a .> b)
}

/// Lane l of the result is lane l ^ mask.
@inline(__always) func permutedLanes(_ v: Vector, mask: Int) -> Vector {
  var result = v
  var lane = 0
  while lane < 8 {
    result[lane] = v[lane ^ mask]
    lane += 1
  }
  return result
}
