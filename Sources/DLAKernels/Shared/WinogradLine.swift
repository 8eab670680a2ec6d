/// One dimension of Winograd's transforms, F(m, 3); applied to rows and columns, it transforms a
/// tile.
///
/// A point p but infinity has the polynomial M(x) / (x - p), where M is the product of all x - p:
/// its coefficients are what the inputs are multiplied with. Infinity has M itself. Output i is the
/// sum of p^i times the product at p; infinity joins the last output. The weights hold the scale of
/// each point of a whole line, 1 / M'(p); a shorter line, which has another M, corrects it in its
/// inputs.
protocol WinogradLine {
  /// Points of a whole line; infinity is the last.
  static var side: Int { get }
  /// Reads inputs and hands on the value at each point that the line needs.
  static func input(_ d: Strided, _ emit: (_ point: Int, Vector) -> Void)
  /// Reads points and hands on the outputs.
  static func output(_ m: Strided, _ emit: (_ index: Int, Vector) -> Void)
  /// Reads gradients of outputs and hands on those at each point that the line needs: the transpose
  /// of `output`.
  static func gradient(_ g: Strided, _ emit: (_ point: Int, Vector) -> Void)
}

/// Vectors that lie `step` floats apart.
struct Strided {
  let base: UnsafePointer<Float>
  let step: Int

  @inline(__always) init(_ base: UnsafePointer<Float>, step: Int) {
    (self.base, self.step) = (base, step)
  }
  @inline(__always) subscript(_ index: Int) -> Vector { load(base + index * step) }
}

/// F(2, 3) at the points 0, 1, -1 and infinity.
enum Line2: WinogradLine {
  @inline(__always) static var side: Int { 4 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3) = (d[0], d[1], d[2], d[3])
    emit(0, d2 - d0)
    emit(1, d2 + d1)
    emit(2, d2 - d1)
    emit(3, d3 - d1)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3) = (m[0], m[1], m[2], m[3])
    emit(0, m0 + (m1 + m2))
    emit(1, m3 + (m1 - m2))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1) = (g[0], g[1])
    emit(0, g0)
    emit(1, g0 + g1)
    emit(2, g0 - g1)
    emit(3, g1)
  }
}

/// F(1, 3) at the points 0, 1 and infinity of F(2, 3).
enum Line2Of1: WinogradLine {
  @inline(__always) static var side: Int { 4 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2) = (d[0], d[1], d[2])
    emit(0, d1 - d0)
    emit(1, d1 + d1)
    emit(3, d2 - d1)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    emit(0, m[0] + m[1] + m[3])
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let g0 = g[0]
    emit(0, g0)
    emit(1, g0)
    emit(3, g0)
  }
}

// √½ and √2, the points of F(4, 3) but 0 and infinity.
private var a: Float { @inline(__always) get { 0.707_106_77 } }
private var b: Float { @inline(__always) get { 1.414_213_5 } }

/// F(4, 3) at the points 0, ±a, ±b and infinity.
enum Line4: WinogradLine {
  @inline(__always) static var side: Int { 6 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3, d4, d5) = (d[0], d[1], d[2], d[3], d[4], d[5])
    emit(0, multiplyAdded(d2, splat(-2.5), d0 + d4))
    let evenA = multiplyAdded(d2, splat(-2), d4)
    let oddA = multiplyAdded(d1, splat(-2), d3)
    emit(1, multiplyAdded(oddA, splat(a), evenA))
    emit(2, multiplyAdded(oddA, splat(-a), evenA))
    let evenB = multiplyAdded(d2, splat(-0.5), d4)
    let oddB = multiplyAdded(d1, splat(-0.5), d3)
    emit(3, multiplyAdded(oddB, splat(b), evenB))
    emit(4, multiplyAdded(oddB, splat(-b), evenB))
    emit(5, multiplyAdded(d3, splat(-2.5), d1 + d5))
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3, m4, m5) = (m[0], m[1], m[2], m[3], m[4], m[5])
    let (evenA, oddA) = (m1 + m2, m1 - m2)
    let (evenB, oddB) = (m3 + m4, m3 - m4)
    emit(0, m0 + (evenA + evenB))
    emit(1, multiplyAdded(oddB, splat(b), oddA * splat(a)))
    emit(2, multiplyAdded(evenA, splat(0.5), evenB + evenB))
    emit(3, multiplyAdded(oddB, splat(2 * b), multiplyAdded(oddA, splat(a / 2), m5)))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1, g2, g3) = (g[0], g[1], g[2], g[3])
    emit(0, g0)
    let evenA = multiplyAdded(g2, splat(0.5), g0)
    let oddA = multiplyAdded(g3, splat(0.5), g1)
    emit(1, multiplyAdded(oddA, splat(a), evenA))
    emit(2, multiplyAdded(oddA, splat(-a), evenA))
    let evenB = multiplyAdded(g2, splat(2), g0)
    let oddB = multiplyAdded(g3, splat(2), g1)
    emit(3, multiplyAdded(oddB, splat(b), evenB))
    emit(4, multiplyAdded(oddB, splat(-b), evenB))
    emit(5, g3)
  }
}

/// F(3, 3) at the points 0, ±a, b and infinity of F(4, 3).
enum Line4Of3: WinogradLine {
  @inline(__always) static var side: Int { 6 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3, d4) = (d[0], d[1], d[2], d[3], d[4])
    emit(
      0,
      multiplyAdded(d3, splat(b), multiplyAdded(d2, splat(-2), multiplyAdded(d1, splat(-a), d0))))
    let difference = d3 - d1
    emit(1, multiplyAdded(difference, splat(1.5 * b), d2 * splat(-1.5)))
    emit(2, multiplyAdded(d2, splat(-1.5), (d3 + d1) * splat(a)))
    emit(3, multiplyAdded(d3, splat(2 * b), d1 * splat(-b)))
    emit(
      5,
      multiplyAdded(d3, splat(-b), multiplyAdded(d2, splat(-0.5), multiplyAdded(d1, splat(a), d4))))
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3, m5) = (m[0], m[1], m[2], m[3], m[5])
    let (even, odd) = (m1 + m2, m1 - m2)
    emit(0, m0 + even + m3)
    emit(1, multiplyAdded(m3, splat(b), odd * splat(a)))
    emit(2, multiplyAdded(even, splat(0.5), m3 + m3 + m5))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1, g2) = (g[0], g[1], g[2])
    emit(0, g0)
    let even = multiplyAdded(g2, splat(0.5), g0)
    emit(1, multiplyAdded(g1, splat(a), even))
    emit(2, multiplyAdded(g1, splat(-a), even))
    emit(3, multiplyAdded(g1, splat(b), multiplyAdded(g2, splat(2), g0)))
    emit(5, g2)
  }
}

/// F(2, 3) at the points 0, ±a and infinity of F(4, 3).
enum Line4Of2: WinogradLine {
  @inline(__always) static var side: Int { 6 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3) = (d[0], d[1], d[2], d[3])
    emit(0, multiplyAdded(d2, splat(-2), d0))
    let even = d2 * splat(-1.5)
    emit(1, multiplyAdded(d1, splat(-1.5 * a), even))
    emit(2, multiplyAdded(d1, splat(1.5 * a), even))
    emit(5, multiplyAdded(d1, splat(-0.5), d3))
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m5) = (m[0], m[1], m[2], m[5])
    emit(0, m0 + (m1 + m2))
    emit(1, multiplyAdded(m1 - m2, splat(a), m5))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1) = (g[0], g[1])
    emit(0, g0)
    emit(1, multiplyAdded(g1, splat(a), g0))
    emit(2, multiplyAdded(g1, splat(-a), g0))
    emit(5, g1)
  }
}

/// F(1, 3) at the points 0, a and infinity of F(4, 3).
enum Line4Of1: WinogradLine {
  @inline(__always) static var side: Int { 6 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (d0, d1, d2) = (d[0], d[1], d[2])
    emit(0, multiplyAdded(d1, splat(-b), d0))
    emit(1, d1 * splat(-1.5 * b))
    emit(5, multiplyAdded(d1, splat(-a), d2))
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    emit(0, m[0] + m[1] + m[5])
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let g0 = g[0]
    emit(0, g0)
    emit(1, g0)
    emit(5, g0)
  }
}
