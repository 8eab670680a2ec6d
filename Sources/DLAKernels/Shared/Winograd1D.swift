import CDLAKernels

/// The squares of the points, and the points: 0.3, 0.9, 1.8.
private var a2: Float { @inline(__always) get { 0.09 } }
private var b2: Float { @inline(__always) get { 0.81 } }
private var c2: Float { @inline(__always) get { 3.24 } }
private var a: Float { @inline(__always) get { 0.3 } }
private var b: Float { @inline(__always) get { 0.9 } }
private var c: Float { @inline(__always) get { 1.8 } }

/// Transforms one row to the Winograd domain: every fourth pixel is gathered first, so that a
/// vector holds the same input of neighbouring tiles.
func winograd1DInput(_ call: Winograd1DInputCall) {
  let phase = call.paddedTiles + 16
  gatherPhases(call, phase: phase)
  var tile = 0
  while tile < call.paddedTiles {
    @inline(__always) func input(_ index: Int) -> Vector {
      load(call.scratch + (index & 3) * phase + tile + (index >> 2))
    }
    let (d0, d1, d2, d3) = (input(0), input(1), input(2), input(3))
    let (d4, d5, d6) = (input(4), input(5), input(6))
    @inline(__always) func emit(_ point: Int, _ value: Vector) {
      storeVector(call.destination + point * call.pointStep + tile, value)
    }
    /// The points ±p: x⁴ - (q² + r²) x² + q² r² times x ± p, where ±q and ±r are the other points.
    @inline(__always) func emitPair(_ point: Int, p: Float, q2: Float, r2: Float) {
      let even = multiplyAdded(d0, splat(q2 * r2), multiplyAdded(d2, splat(-(q2 + r2)), d4))
      let odd = multiplyAdded(d1, splat(q2 * r2), multiplyAdded(d3, splat(-(q2 + r2)), d5))
      emit(point, multiplyAdded(even, splat(p), odd))
      emit(point + 1, multiplyAdded(even, splat(-p), odd))
    }
    emitPair(0, p: a, q2: b2, r2: c2)
    emitPair(2, p: b, q2: a2, r2: c2)
    emitPair(4, p: c, q2: a2, r2: b2)
    let mixed = a2 * b2 + a2 * c2 + b2 * c2
    let low = multiplyAdded(d0, splat(-(a2 * b2 * c2)), d2 * splat(mixed))
    emit(6, multiplyAdded(d4, splat(-(a2 + b2 + c2)), d6 + low))
    tile += lanes
  }
}

/// Pixel 4t + j becomes float t of phase j; what lies beyond the row is zero.
private func gatherPhases(_ call: Winograd1DInputCall, phase: Int) {
  let whole = call.pixels / 4
  var tile = 0
  while tile < whole {
    let pixel = call.source + tile * 4
    call.scratch[tile] = pixel[0]
    call.scratch[phase + tile] = pixel[1]
    call.scratch[2 * phase + tile] = pixel[2]
    call.scratch[3 * phase + tile] = pixel[3]
    tile += 1
  }
  while tile < phase {
    var j = 0
    while j < 4 {
      let pixel = tile * 4 + j
      call.scratch[j * phase + tile] = pixel < call.pixels ? call.source[pixel] : 0
      j += 1
    }
    tile += 1
  }
}

/// Transforms one row of one channel block to pixels: output i of a tile is the sum of p^i times
/// the product at p; infinity joins the last.
func winograd1DOutput(_ call: Winograd1DOutputCall) {
  let floor = splat(call.relu ? 0 : -.infinity)
  var vector = 0
  while vector < 16 / lanes {
    let lane = vector * lanes
    let bias = load(call.bias + lane)
    var tile = 0
    while tile < call.tiles {
      let first = call.source + tile * 16 + lane
      @inline(__always) func product(_ point: Int) -> Vector {
        load(first + point * call.pointStep)
      }
      let (a0, a1) = (product(0), product(1))
      let (b0, b1) = (product(2), product(3))
      let (c0, c1) = (product(4), product(5))
      let (evenA, oddA) = (a0 + a1, a0 - a1)
      let (evenB, oddB) = (b0 + b1, b0 - b1)
      let (evenC, oddC) = (c0 + c1, c0 - c1)
      let to = call.destination + tile * 64 + lane
      @inline(__always) func store(_ index: Int, _ value: Vector) {
        storeVector(to + index * 16, maximum(floor, value + bias))
      }
      store(0, evenA + evenB + evenC)
      store(1, multiplyAdded(oddC, splat(c), multiplyAdded(oddB, splat(b), oddA * splat(a))))
      store(2, multiplyAdded(evenC, splat(c2), multiplyAdded(evenB, splat(b2), evenA * splat(a2))))
      let low = multiplyAdded(oddA, splat(a * a2), product(6))
      store(3, multiplyAdded(oddC, splat(c * c2), multiplyAdded(oddB, splat(b * b2), low)))
      tile += 1
    }
    vector += 1
  }
}
