// Lines of 3 kernel elements with stride 2, four outputs and fewer: even inputs at the points ±a, ±b and infinity,
// which stand first; the odd inputs as they are, from point 5 on.

private var a: Float { @inline(__always) get { 0.5 } }
private var b: Float { @inline(__always) get { 1.25 } }

/// Hands on the odd inputs.
@inline(__always)
private func emitOdd(_ source: Strided, count: Int, _ emit: (Int, Vector) -> Void) {
  var index = 0
  while index < count {
    emit(5 + index, source[2 * index + 1])
    index += 1
  }
}

/// Four outputs.
enum Stride2Line4: WinogradLine {
  @inline(__always) static var side: Int { 9 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (e0, e1, e2, e3, e4) = (d[0], d[2], d[4], d[6], d[8])
    let evenA = multiplyAdded(e0, splat(-b * b), e2)
    let oddA = multiplyAdded(e1, splat(-b * b), e3)
    emit(0, multiplyAdded(evenA, splat(a), oddA))
    emit(1, multiplyAdded(evenA, splat(-a), oddA))
    let evenB = multiplyAdded(e0, splat(-a * a), e2)
    let oddB = multiplyAdded(e1, splat(-a * a), e3)
    emit(2, multiplyAdded(evenB, splat(b), oddB))
    emit(3, multiplyAdded(evenB, splat(-b), oddB))
    emit(4, multiplyAdded(e0, splat(a * a * b * b), multiplyAdded(e2, splat(-(a * a + b * b)), e4)))
    emitOdd(d, count: 4, emit)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3, m4) = (m[0], m[1], m[2], m[3], m[4])
    let (evenA, oddA) = (m0 + m1, m0 - m1)
    let (evenB, oddB) = (m2 + m3, m2 - m3)
    @inline(__always) func odd(_ index: Int) -> Vector { m[5 + index] }
    emit(0, odd(0) + (evenA + evenB))
    emit(1, multiplyAdded(oddB, splat(b), multiplyAdded(oddA, splat(a), odd(1))))
    emit(2, multiplyAdded(evenB, splat(b * b), multiplyAdded(evenA, splat(a * a), odd(2))))
    let low = multiplyAdded(oddA, splat(a * a * a), odd(3) + m4)
    emit(3, multiplyAdded(oddB, splat(b * b * b), low))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1, g2, g3) = (g[0], g[1], g[2], g[3])
    let evenA = multiplyAdded(g2, splat(a * a), g0)
    let oddA = multiplyAdded(g3, splat(a * a), g1)
    emit(0, multiplyAdded(oddA, splat(a), evenA))
    emit(1, multiplyAdded(oddA, splat(-a), evenA))
    let evenB = multiplyAdded(g2, splat(b * b), g0)
    let oddB = multiplyAdded(g3, splat(b * b), g1)
    emit(2, multiplyAdded(oddB, splat(b), evenB))
    emit(3, multiplyAdded(oddB, splat(-b), evenB))
    emit(4, g3)
    emit(5, g0)
    emit(6, g1)
    emit(7, g2)
    emit(8, g3)
  }
}

/// Three outputs, at the points ±a, b and infinity.
enum Stride2Line4Of3: WinogradLine {
  @inline(__always) static var side: Int { 9 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (e0, e1, e2, e3) = (d[0], d[2], d[4], d[6])
    // (x ± a)(x - b), times a + b and b - a.
    let first = multiplyAdded(e1, splat(a - b), multiplyAdded(e0, splat(-a * b), e2))
    emit(0, first * splat(a + b))
    let second = multiplyAdded(e1, splat(-(a + b)), multiplyAdded(e0, splat(a * b), e2))
    emit(1, second * splat(b - a))
    emit(2, multiplyAdded(e0, splat(-a * a), e2) * splat(2 * b))
    // (x² - a²)(x - b).
    let low = multiplyAdded(e0, splat(a * a * b), e3)
    emit(4, multiplyAdded(e2, splat(-b), multiplyAdded(e1, splat(-a * a), low)))
    emitOdd(d, count: 3, emit)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m2, m4) = (m[0], m[1], m[2], m[4])
    let (even, odd) = (m0 + m1, m0 - m1)
    emit(0, m[5] + even + m2)
    let second = multiplyAdded(odd, splat(a), m[6])
    emit(1, multiplyAdded(m2, splat(b), second))
    let third = multiplyAdded(even, splat(a * a), m[7] + m4)
    emit(2, multiplyAdded(m2, splat(b * b), third))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1, g2) = (g[0], g[1], g[2])
    let even = multiplyAdded(g2, splat(a * a), g0)
    emit(0, multiplyAdded(g1, splat(a), even))
    emit(1, multiplyAdded(g1, splat(-a), even))
    emit(2, multiplyAdded(g1, splat(b), multiplyAdded(g2, splat(b * b), g0)))
    emit(4, g2)
    emit(5, g0)
    emit(6, g1)
    emit(7, g2)
  }
}

/// Two outputs, at the points ±a and infinity.
enum Stride2Line4Of2: WinogradLine {
  @inline(__always) static var side: Int { 9 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (e0, e1, e2) = (d[0], d[2], d[4])
    let scale = a * a - b * b
    let odd = e1 * splat(scale)
    emit(0, multiplyAdded(e0, splat(a * scale), odd))
    emit(1, multiplyAdded(e0, splat(-a * scale), odd))
    emit(4, multiplyAdded(e0, splat(-a * a), e2))
    emitOdd(d, count: 2, emit)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    let (m0, m1, m4) = (m[0], m[1], m[4])
    emit(0, m[5] + (m0 + m1))
    emit(1, multiplyAdded(m0 - m1, splat(a), m[6] + m4))
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let (g0, g1) = (g[0], g[1])
    emit(0, multiplyAdded(g1, splat(a), g0))
    emit(1, multiplyAdded(g1, splat(-a), g0))
    emit(4, g1)
    emit(5, g0)
    emit(6, g1)
  }
}

/// One output, at the points a and infinity.
enum Stride2Line4Of1: WinogradLine {
  @inline(__always) static var side: Int { 9 }

  @inline(__always) static func input(_ d: Strided, _ emit: (Int, Vector) -> Void) {
    let (e0, e1) = (d[0], d[2])
    emit(0, e0 * splat(2 * a * (a * a - b * b)))
    emit(4, multiplyAdded(e0, splat(-a), e1))
    emitOdd(d, count: 1, emit)
  }

  @inline(__always) static func output(_ m: Strided, _ emit: (Int, Vector) -> Void) {
    emit(0, m[5] + m[0] + m[4])
  }

  @inline(__always) static func gradient(_ g: Strided, _ emit: (Int, Vector) -> Void) {
    let g0 = g[0]
    emit(0, g0)
    emit(4, g0)
    emit(5, g0)
  }
}
