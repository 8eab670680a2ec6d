import CDLAVector

typealias Vector = dla_f32x16

/// Floats of a vector.
var lanes: Int { @inline(__always) get { 16 } }

@inline(__always) func load(_ p: UnsafePointer<Float>) -> Vector { dla_load16(p) }
@inline(__always) func storeVector(_ p: UnsafeMutablePointer<Float>, _ v: Vector) {
  dla_store16(p, v)
}
@inline(__always) func splat(_ x: Float) -> Vector { dla_splat16(x) }
@inline(__always) func multiplyAdded(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  dla_fma16(a, b, c)
}
/// The larger of each lane; `b` where either is not a number.
@inline(__always) func maximum(_ a: Vector, _ b: Vector) -> Vector { dla_max16(a, b) }

/// Lane l of the result is lane l ^ mask.
@inline(__always) func permutedLanes(_ v: Vector, mask: Int) -> Vector {
  let lane = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  return dla_permute16(v, lane ^ Int32(truncatingIfNeeded: mask))
}
