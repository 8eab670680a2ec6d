import CDLAKernels
import CDLASystem

/// The families of vector instructions that kernels exist for, fastest first.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// AVX-512 F, BW, CD, DQ and VL: vectors of sixteen floats.
  case avx512
  /// AVX2 with FMA: vectors of eight floats.
  case avx2
  /// Any processor; on x86-64 multiplication and addition are rounded separately.
  case portable

  /// Those this processor can run, fastest first.
  public static let available: [InstructionSet] = allCases.filter {
    $0.requiredFeature == 0
      || dla_cpu_features() & $0.requiredFeature != 0
  }

  /// The fastest that this processor can run.
  public static let best: InstructionSet = available.first ?? .portable

  private var requiredFeature: UInt32 {
    switch self {
    case .avx512: UInt32(DLA_CPU_AVX512)
    case .avx2: UInt32(DLA_CPU_AVX2)
    case .portable: 0
    }
  }

  /// The kernels of this instruction set; only for one that is `available`.
  package var kernels: KernelTable {
    switch self {
    #if arch(x86_64)
      case .avx512: dla_kernels_avx512()
      case .avx2: dla_kernels_avx2()
    #else
      case .avx512, .avx2: preconditionFailure("\(rawValue) is not for this processor")
    #endif
    case .portable: dla_kernels_portable()
    }
  }
}
