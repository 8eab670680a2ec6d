import DLAKernelTypes

/// 14 pixels × 2 vectors, 2 weights and a tap: 31 of 32 registers.
var maximumColumns: Int { @inline(__always) get { 14 } }

@inline(__always)
func convolveTile<P: Pixel, A: Access>(
  _ geometry: DirectConvolution, _ call: ConvolutionCall, _: P.Type, _: A.Type,
  y: Int, x: Int, columns: Int
) {
  switch columns {
  case 1: convolve(geometry, call, Columns1<P>.self, A.self, y: y, x: x)
  case 2: convolve(geometry, call, Columns2<P>.self, A.self, y: y, x: x)
  case 3: convolve(geometry, call, Columns3<P>.self, A.self, y: y, x: x)
  case 4: convolve(geometry, call, Columns4<P>.self, A.self, y: y, x: x)
  case 5: convolve(geometry, call, Columns5<P>.self, A.self, y: y, x: x)
  case 6: convolve(geometry, call, Columns6<P>.self, A.self, y: y, x: x)
  case 7: convolve(geometry, call, Columns7<P>.self, A.self, y: y, x: x)
  case 8: convolve(geometry, call, Columns8<P>.self, A.self, y: y, x: x)
  case 9: convolve(geometry, call, Columns9<P>.self, A.self, y: y, x: x)
  case 10: convolve(geometry, call, Columns10<P>.self, A.self, y: y, x: x)
  case 11: convolve(geometry, call, Columns11<P>.self, A.self, y: y, x: x)
  case 12: convolve(geometry, call, Columns12<P>.self, A.self, y: y, x: x)
  case 13: convolve(geometry, call, Columns13<P>.self, A.self, y: y, x: x)
  default: convolve(geometry, call, Columns14<P>.self, A.self, y: y, x: x)
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
  case 3: convolveGrouped(geometry, call, Columns3<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 4: convolveGrouped(geometry, call, Columns4<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 5: convolveGrouped(geometry, call, Columns5<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 6: convolveGrouped(geometry, call, Columns6<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 7: convolveGrouped(geometry, call, Columns7<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 8: convolveGrouped(geometry, call, Columns8<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 9: convolveGrouped(geometry, call, Columns9<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 10: convolveGrouped(geometry, call, Columns10<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 11: convolveGrouped(geometry, call, Columns11<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 12: convolveGrouped(geometry, call, Columns12<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  case 13: convolveGrouped(geometry, call, Columns13<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  default: convolveGrouped(geometry, call, Columns14<Pixel1>.self, A.self, y: y, x: x, rows: rows)
  }
}

extension Pixel1 {
  @inline(__always) static var maximumPairColumns: Int { 14 }

  @inline(__always)
  static func convolvePair<A: Access>(
    _ geometry: DirectConvolution, _ call: ConvolutionCall, _: A.Type, y: Int, x: Int, columns: Int
  ) {
    switch columns {
    case 1: convolve(geometry, call, Stacked<Columns1<Pixel1>>.self, A.self, y: y, x: x)
    case 2: convolve(geometry, call, Stacked<Columns2<Pixel1>>.self, A.self, y: y, x: x)
    case 3: convolve(geometry, call, Stacked<Columns3<Pixel1>>.self, A.self, y: y, x: x)
    case 4: convolve(geometry, call, Stacked<Columns4<Pixel1>>.self, A.self, y: y, x: x)
    case 5: convolve(geometry, call, Stacked<Columns5<Pixel1>>.self, A.self, y: y, x: x)
    case 6: convolve(geometry, call, Stacked<Columns6<Pixel1>>.self, A.self, y: y, x: x)
    case 7: convolve(geometry, call, Stacked<Columns7<Pixel1>>.self, A.self, y: y, x: x)
    case 8: convolve(geometry, call, Stacked<Columns8<Pixel1>>.self, A.self, y: y, x: x)
    case 9: convolve(geometry, call, Stacked<Columns9<Pixel1>>.self, A.self, y: y, x: x)
    case 10: convolve(geometry, call, Stacked<Columns10<Pixel1>>.self, A.self, y: y, x: x)
    case 11: convolve(geometry, call, Stacked<Columns11<Pixel1>>.self, A.self, y: y, x: x)
    case 12: convolve(geometry, call, Stacked<Columns12<Pixel1>>.self, A.self, y: y, x: x)
    case 13: convolve(geometry, call, Stacked<Columns13<Pixel1>>.self, A.self, y: y, x: x)
    default: convolve(geometry, call, Stacked<Columns14<Pixel1>>.self, A.self, y: y, x: x)
    }
  }
}

extension Pixel2 {
  @inline(__always) static var maximumPairColumns: Int { 7 }

  @inline(__always)
  static func convolvePair<A: Access>(
    _ geometry: DirectConvolution, _ call: ConvolutionCall, _: A.Type, y: Int, x: Int, columns: Int
  ) {
    switch columns {
    case 1: convolve(geometry, call, Stacked<Columns1<Pixel2>>.self, A.self, y: y, x: x)
    case 2: convolve(geometry, call, Stacked<Columns2<Pixel2>>.self, A.self, y: y, x: x)
    case 3: convolve(geometry, call, Stacked<Columns3<Pixel2>>.self, A.self, y: y, x: x)
    case 4: convolve(geometry, call, Stacked<Columns4<Pixel2>>.self, A.self, y: y, x: x)
    case 5: convolve(geometry, call, Stacked<Columns5<Pixel2>>.self, A.self, y: y, x: x)
    case 6: convolve(geometry, call, Stacked<Columns6<Pixel2>>.self, A.self, y: y, x: x)
    default: convolve(geometry, call, Stacked<Columns7<Pixel2>>.self, A.self, y: y, x: x)
    }
  }
}
