import DLAKernelTypes

/// 3 pixels × 2 vectors of two four-float registers: 12 of 16 registers, and the rest for a tap.
var maximumColumns: Int { @inline(__always) get { 3 } }

@inline(__always)
func convolveTile<P: Pixel, A: Access>(
  _ geometry: DirectConvolution, _ call: ConvolutionCall, _: P.Type, _: A.Type,
  y: Int, x: Int, columns: Int
) {
  switch columns {
  case 1: convolve(geometry, call, Columns1<P>.self, A.self, y: y, x: x)
  case 2: convolve(geometry, call, Columns2<P>.self, A.self, y: y, x: x)
  default: convolve(geometry, call, Columns3<P>.self, A.self, y: y, x: x)
  }
}

@inline(__always)
func convolveGroupedTile<A: Access>(
  _ geometry: GroupedConvolution, _ call: GroupedConvolutionCall, _: A.Type,
  y: Int, x: Int, columns: Int,
  rows: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
) {
  switch columns {
  case 1: convolveGrouped(geometry, call, Columns1<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 2: convolveGrouped(geometry, call, Columns2<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  default: convolveGrouped(geometry, call, Columns3<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  }
}

extension Pixel1 {
  @inline(__always) static var maximumPairColumns: Int { 3 }

  @inline(__always)
  static func convolvePair<A: Access>(
    _ geometry: DirectConvolution, _ call: ConvolutionCall, _: A.Type, y: Int, x: Int, columns: Int
  ) {
    switch columns {
    case 1: convolve(geometry, call, Stacked<Columns1<Pixel1>>.self, A.self, y: y, x: x)
    case 2: convolve(geometry, call, Stacked<Columns2<Pixel1>>.self, A.self, y: y, x: x)
    default: convolve(geometry, call, Stacked<Columns3<Pixel1>>.self, A.self, y: y, x: x)
    }
  }
}

extension Pixel2 {
  @inline(__always) static var maximumPairColumns: Int { 1 }

  @inline(__always)
  static func convolvePair<A: Access>(
    _ geometry: DirectConvolution, _ call: ConvolutionCall, _: A.Type, y: Int, x: Int, columns: Int
  ) {
    convolve(geometry, call, Stacked<Columns1<Pixel2>>.self, A.self, y: y, x: x)
  }
}
