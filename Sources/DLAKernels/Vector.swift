typealias Vector = SIMD8<Float>

/// Floats of a vector.
var lanes: Int { @inline(__always) get { 8 } }

@inline(__always) func load(_ p: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
}
@inline(__always) func storeVector(_ p: UnsafeMutablePointer<Float>, _ v: Vector) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}
@inline(__always) func splat(_ x: Float) -> Vector { Vector(repeating: x) }
/// Rounded twice on x86-64, where the baseline has no fused multiply-add; results differ in the last
/// bits from the other instruction sets.
@inline(__always) func multiplyAdded(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { a * b + c }
/// The larger of each lane; `b` where either is not a number.
@inline(__always) func maximum(_ a: Vector, _ b: Vector) -> Vector {
  b.replacing(with: a, where: a .> b)
}

/// Lane l of the result is lane l ^ mask.
@inline(__always) func permutedLanes(_ v: Vector, mask: Int) -> Vector {
  var result = v
  if mask & 1 != 0 { (result.evenHalf, result.oddHalf) = (result.oddHalf, result.evenHalf) }
  if mask & 2 != 0 {
    result = Vector(
      lowHalf: swappedHalves(result.lowHalf), highHalf: swappedHalves(result.highHalf))
  }
  if mask & 4 != 0 { result = Vector(lowHalf: result.highHalf, highHalf: result.lowHalf) }
  return result
}

@inline(__always) private func swappedHalves(_ v: SIMD4<Float>) -> SIMD4<Float> {
  SIMD4(lowHalf: v.highHalf, highHalf: v.lowHalf)
}
