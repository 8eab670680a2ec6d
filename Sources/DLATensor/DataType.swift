/// The encoding of a stored tensor's elements, with safetensors' names.
public enum DataType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case uint64 = "U64"
  case int32 = "I32"
  case uint32 = "U32"
  case int16 = "I16"
  case uint16 = "U16"
  case int8 = "I8"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The size of one element, in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }
}

/// The least number that float16 rounds to infinity: half-way from its largest, 65504, to 65536.
package let float16Overflow: Float = 65520

/// Stores float32 numbers in another floating-point type, rounded to nearest, ties to even.
///
/// Integer arithmetic and selections only, so that every loop becomes vector code on all hardware.
///
/// - Returns: the stored bytes, little-endian.
/// - Precondition: `dataType` is a floating-point type.
package func encoded(_ floats: ArraySlice<Float>, as dataType: DataType) -> [UInt8] {
  switch dataType {
  case .float32: return converted(floats) { $0.bitPattern }
  case .float64: return converted(floats) { Double($0).bitPattern }
  case .bfloat16: return converted(floats) { bfloat16Bits($0) }
  case .float16: return converted(floats) { float16Bits($0) }
  case .int64, .uint64, .int32, .uint32, .int16, .uint16, .int8, .uint8, .bool:
    preconditionFailure("numbers cannot be stored as \(dataType.rawValue), give bytes")
  }
}

@inline(__always)
private func converted<Bits: FixedWidthInteger & BitwiseCopyable>(
  _ floats: ArraySlice<Float>, _ convert: (Float) -> Bits
) -> [UInt8] {
  let size = MemoryLayout<Bits>.size
  return floats.withUnsafeBufferPointer { source in
    [UInt8](unsafeUninitializedCapacity: source.count * size) { target, initialized in
      let raw = UnsafeMutableRawBufferPointer(target)
      for index in source.indices {
        raw.storeBytes(of: convert(source[index]), toByteOffset: index * size, as: Bits.self)
      }
      initialized = raw.count
    }
  }
}

/// The upper half of a float32, rounded; NaNs stay NaNs.
@inline(__always)
private func bfloat16Bits(_ float: Float) -> UInt16 {
  let bits = float.bitPattern
  let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
  let quiet = bits >> 16 | 0x40
  return UInt16(truncatingIfNeeded: float.isNaN ? quiet : rounded)
}

/// An IEEE 754 half-precision number.
@inline(__always)
private func float16Bits(_ float: Float) -> UInt16 {
  let magnitude = float.bitPattern & 0x7FFF_FFFF
  // Moves the exponent from float32's bias of 127 to float16's of 15 and rounds 13 bits away.
  let normal = (magnitude &- 112 << 23 &+ 0xFFF &+ (magnitude >> 13 & 1)) >> 13
  // Below 2⁻¹⁴ adding 0.5 leaves multiples of 2⁻²⁴, rounded by the addition itself.
  let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
  let isSubnormal = magnitude < 113 << 23
  let isLarge = magnitude >= 143 << 23
  let isNaN = magnitude > 0xFF << 23
  let large: UInt32 = isNaN ? 0x7E00 : 0x7C00
  let bits = isLarge ? large : isSubnormal ? subnormal : normal
  return UInt16(truncatingIfNeeded: bits | float.bitPattern >> 16 & 0x8000)
}
