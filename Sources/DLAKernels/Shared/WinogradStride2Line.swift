// Lines of 3 kernel elements with stride 2, four outputs and fewer: even inputs at the points ±a, ±b and infinity,
// which stand first; the odd inputs as they are, from point 5 on.

private var a: Float { @inline(__always) get { 0.5 } }
private var b: Float { @inline(__always) get { 1.25 } }

/// Hands on the odd inputs.
@inline(__always)
private func emitOdd(
  _ source: UnsafePointer<Float>, step: Int, count: Int, _ emit: (Int, Vector) -> Void
) {
  var index = 0
  while index < count {
    emit(5 + index, load(source + (2 * index + 1) * step))
    index += 1
  }
}

/// Four outputs.
enum Stride2Line4: WinogradLine {
  @inline(__always) static var side: Int { 9 }

  @inline(__always) static func input(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (e0, e1) = (load(source), load(source + 2 * step))
    let (e2, e3) = (load(source + 4 * step), load(source + 6 * step))
    let e4 = load(source + 8 * step)
    let evenA = multiplyAdded(e0, splat(-b * b), e2)
    let oddA = multiplyAdded(e1, splat(-b * b), e3)
    emit(0, multiplyAdded(evenA, splat(a), oddA))
    emit(1, multiplyAdded(evenA, splat(-a), oddA))
    let evenB = multiplyAdded(e0, splat(-a * a), e2)
    let oddB = multiplyAdded(e1, splat(-a * a), e3)
    emit(2, multiplyAdded(evenB, splat(b), oddB))
    emit(3, multiplyAdded(evenB, splat(-b), oddB))
    emit(4, multiplyAdded(e0, splat(a * a * b * b), multiplyAdded(e2, splat(-(a * a + b * b)), e4)))
    emitOdd(source, step: step, count: 4, emit)
  }

  @inline(__always) static func output(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (m0, m1) = (load(source), load(source + step))
    let (m2, m3) = (load(source + 2 * step), load(source + 3 * step))
    let m4 = load(source + 4 * step)
    let (evenA, oddA) = (m0 + m1, m0 - m1)
    let (evenB, oddB) = (m2 + m3, m2 - m3)
    @inline(__always) func odd(_ index: Int) -> Vector { load(source + (5 + index) * step) }
    emit(0, odd(0) + (evenA + evenB))
    emit(1, multiplyAdded(oddB, splat(b), multiplyAdded(oddA, splat(a), odd(1))))
    emit(2, multiplyAdded(evenB, splat(b * b), multiplyAdded(evenA, splat(a * a), odd(2))))
    let low = multiplyAdded(oddA, splat(a * a * a), odd(3) + m4)
    emit(3, multiplyAdded(oddB, splat(b * b * b), low))
  }

  @inline(__always) static func gradient(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (g0, g1) = (load(source), load(source + step))
    let (g2, g3) = (load(source + 2 * step), load(source + 3 * step))
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

  @inline(__always) static func input(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (e0, e1) = (load(source), load(source + 2 * step))
    let (e2, e3) = (load(source + 4 * step), load(source + 6 * step))
    // (x ± a)(x - b), times a + b and b - a.
    let first = multiplyAdded(e1, splat(a - b), multiplyAdded(e0, splat(-a * b), e2))
    emit(0, first * splat(a + b))
    let second = multiplyAdded(e1, splat(-(a + b)), multiplyAdded(e0, splat(a * b), e2))
    emit(1, second * splat(b - a))
    emit(2, multiplyAdded(e0, splat(-a * a), e2) * splat(2 * b))
    // (x² - a²)(x - b).
    let low = multiplyAdded(e0, splat(a * a * b), e3)
    emit(4, multiplyAdded(e2, splat(-b), multiplyAdded(e1, splat(-a * a), low)))
    emitOdd(source, step: step, count: 3, emit)
  }

  @inline(__always) static func output(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (m0, m1) = (load(source), load(source + step))
    let (m2, m4) = (load(source + 2 * step), load(source + 4 * step))
    let (even, odd) = (m0 + m1, m0 - m1)
    emit(0, load(source + 5 * step) + even + m2)
    let second = multiplyAdded(odd, splat(a), load(source + 6 * step))
    emit(1, multiplyAdded(m2, splat(b), second))
    let third = multiplyAdded(even, splat(a * a), load(source + 7 * step) + m4)
    emit(2, multiplyAdded(m2, splat(b * b), third))
  }

  @inline(__always) static func gradient(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (g0, g1, g2) = (load(source), load(source + step), load(source + 2 * step))
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

  @inline(__always) static func input(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (e0, e1, e2) = (load(source), load(source + 2 * step), load(source + 4 * step))
    let scale = a * a - b * b
    let odd = e1 * splat(scale)
    emit(0, multiplyAdded(e0, splat(a * scale), odd))
    emit(1, multiplyAdded(e0, splat(-a * scale), odd))
    emit(4, multiplyAdded(e0, splat(-a * a), e2))
    emitOdd(source, step: step, count: 2, emit)
  }

  @inline(__always) static func output(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (m0, m1, m4) = (load(source), load(source + step), load(source + 4 * step))
    emit(0, load(source + 5 * step) + (m0 + m1))
    emit(1, multiplyAdded(m0 - m1, splat(a), load(source + 6 * step) + m4))
  }

  @inline(__always) static func gradient(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (g0, g1) = (load(source), load(source + step))
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

  @inline(__always) static func input(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let (e0, e1) = (load(source), load(source + 2 * step))
    emit(0, e0 * splat(2 * a * (a * a - b * b)))
    emit(4, multiplyAdded(e0, splat(-a), e1))
    emitOdd(source, step: step, count: 1, emit)
  }

  @inline(__always) static func output(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) { emit(0, load(source + 5 * step) + load(source) + load(source + 4 * step)) }

  @inline(__always) static func gradient(
    _ source: UnsafePointer<Float>, step: Int, _ emit: (Int, Vector) -> Void
  ) {
    let g0 = load(source)
    emit(0, g0)
    emit(4, g0)
    emit(5, g0)
  }
}
