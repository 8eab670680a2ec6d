import DLABackend

/// The multiplication of convolutions on a device, for which kernels are compiled.
package enum Arithmetic: String, CaseIterable, Sendable {
  /// float32, by fused multiply-adds.
  case scalar
  /// float32, by three tf32 products on tensor cores (3xTF32).
  case tripleTF32 = "3xTF32"
  /// float32 rounded to tf32, on tensor cores.
  case tf32
  /// float16 on tensor cores; sums are float32.
  case float16
  /// bfloat16 on tensor cores; sums are float32.
  case bfloat16

  /// The type in `Convolution.cu`.
  var kernelType: String {
    switch self {
    case .scalar: "Scalar<Stored>"
    case .tripleTF32: "Matrix<TripleTF32Product>"
    case .tf32: "Matrix<TF32Product>"
    case .float16: "Matrix<HalfProduct>"
    case .bfloat16: "Matrix<BFloat16Product>"
    }
  }

  /// Estimated multiply-adds of a multiprocessor in a cycle; they only rank candidates until these
  /// are timed.
  var rate: Double {
    switch self {
    case .scalar: 100
    case .tripleTF32: 160
    case .tf32: 480
    case .float16, .bfloat16: 960
    }
  }
}

extension Precision {
  /// The type of feature maps in `Elements.cu`.
  var storedType: String {
    switch self {
    case .fp32, .tf32: "float"
    case .fp16: "Half"
    case .bf16: "BFloat16"
    }
  }

  /// Bytes of a number in a feature map.
  var storedBytes: Int {
    switch self {
    case .fp32, .tf32: 4
    case .fp16, .bf16: 2
    }
  }

  /// Numbers of sixteen bytes, to a multiple of which channels of feature maps are padded.
  var numbersPerChunk: Int { 16 / storedBytes }

  /// The arithmetics of a device, the likelier first.
  ///
  /// - Throws: `CUDAError` with `.unsupportedPrecision`.
  func arithmetics(on device: CUDADevice) throws(CUDAError) -> [Arithmetic] {
    let hasMatrices = device.capability >= 80
    switch self {
    case .fp32: return hasMatrices ? [.tripleTF32, .scalar] : [.scalar]
    case .fp16: return [hasMatrices ? .float16 : .scalar]
    case .bf16: return [hasMatrices ? .bfloat16 : .scalar]
    case .tf32:
      guard hasMatrices else {
        throw CUDAError(
          .unsupportedPrecision,
          "\(device) has no tf32, which came with compute capability 8.0; use fp32 or fp16")
      }
      return [.tf32]
    }
  }
}
