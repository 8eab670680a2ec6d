import DLATensor

/// Reads stored floating-point numbers as float32.
///
/// Integer arithmetic and selections only, so that every loop becomes vector code on any machine;
/// float16 and bfloat16 are exact, subnormal ones too, and NaNs stay NaNs. Bytes are little-endian,
/// as the format and every machine Swift runs on are.
///
/// - Returns: the numbers, or nil if `dataType` is not a floating-point one.
func floatsDecoded(from bytes: UnsafeRawBufferPointer, _ dataType: DataType) -> [Float]? {
  switch dataType {
  case .float32: return converted(bytes, from: UInt32.self) { Float(bitPattern: $0) }
  case .float64: return converted(bytes, from: UInt64.self) { Float(Double(bitPattern: $0)) }
  case .bfloat16: return converted(bytes, from: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
  case .float16: return converted(bytes, from: UInt16.self) { Float(float16Bits: $0) }
  case .int64, .uint64, .int32, .uint32, .int16, .uint16, .int8, .uint8, .bool: return nil
  }
}

@inline(__always)
private func converted<Bits: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, from _: Bits.Type, _ convert: (Bits) -> Float
) -> [Float] {
  let size = MemoryLayout<Bits>.size
  let count = bytes.count / size
  // All empty arrays share one storage, whose count the initializer below would write.
  guard count > 0 else { return [] }
  return [Float](unsafeUninitializedCapacity: count) { floats, initialized in
    initialized = count
    guard let source = bytes.baseAddress, let target = floats.baseAddress else { return }
    for index in 0..<count {
      target[index] = convert(source.loadUnaligned(fromByteOffset: index * size, as: Bits.self))
    }
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number.
  @inline(__always)
  init(float16Bits half: UInt16) {
    let magnitude = UInt32(half & 0x7FFF) << 13
    // Moves the exponent from float16's bias of 15 to float32's of 127.
    let normal = magnitude &+ (127 - 15) << 23
    let special = magnitude | 0xFF << 23
    // A subnormal is a multiple of 2⁻²⁴: put behind the point of 2⁻¹⁴, which is taken off again.
    let subnormal = Float(bitPattern: magnitude &+ 113 << 23) - Float(bitPattern: 113 << 23)
    let isSpecial = magnitude >= 0x1F << 23
    let isSubnormal = magnitude < 1 << 23
    let bits = isSubnormal ? subnormal.bitPattern : isSpecial ? special : normal
    self = Float(bitPattern: bits | UInt32(half & 0x8000) << 16)
  }
}
