import DLABackend
import DLACUDA
import DLASystem
import Foundation
import Testing
import _DLATestSupport

/// The kernels, compiled by NVIDIA's own compiler for real devices, without one.
struct KernelCompilationTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let precision: Precision
    let arithmetic: Arithmetic
    let capability: Int
    var testDescription: String {
      "\(precision.rawValue) by \(arithmetic.rawValue) for sm_\(capability)"
    }
  }

  /// Everything that a plan loads on some device.
  static let cases =
    [70, 80, 90].flatMap { capability in
      [Case(precision: .fp32, arithmetic: .scalar, capability: capability)]
        + (capability < 80
          ? [
            Case(precision: .fp16, arithmetic: .scalar, capability: capability),
            Case(precision: .bf16, arithmetic: .scalar, capability: capability),
          ]
          : [
            Case(precision: .fp32, arithmetic: .tripleTF32, capability: capability),
            Case(precision: .tf32, arithmetic: .tf32, capability: capability),
            Case(precision: .fp16, arithmetic: .float16, capability: capability),
            Case(precision: .bf16, arithmetic: .bfloat16, capability: capability),
          ])
    } + [
      // The first without matrices of ours, and the newest that this compiler knows.
      Case(precision: .fp32, arithmetic: .scalar, capability: 75),
      Case(precision: .fp32, arithmetic: .tripleTF32, capability: 120),
    ]

  /// The NVRTC that `Scripts/nvrtc.sh` fetched.
  static let compiler: NVRTC? = {
    let folder = Fixtures.package.appending(path: ".build/nvrtc/nvidia/cuda_nvrtc/lib").path
    guard let library = try? DynamicLibrary("\(folder)/libnvrtc.so.12") else { return nil }
    return try? NVRTC(library)
  }()

  /// Registers that do not fit cost time: some bytes are no matter, an array would be.
  private static let maxStackBytes = 64

  @Test(
    .enabled(if: compiler != nil, "NVRTC could not be fetched (Scripts/nvrtc.sh)"),
    arguments: cases)
  func kernelsCompileAndStayInRegisters(test: Case) throws {
    let compiler = try #require(Self.compiler)
    let output = compiler.compile(
      KernelSource.program,
      options: KernelSource.options(
        test.precision, test.arithmetic, capability: test.capability) + ["--ptxas-options=-v"])
    #expect(!output.binary.isEmpty, "\(output.log)")
    #expect(output.binary.starts(with: [0x7F] + Array("ELF".utf8)))
    let warnings = output.log.split(separator: "\n").filter {
      // What NVIDIA says of devices before Turing.
      $0.contains("warning") && !$0.contains("are deprecated and may be removed")
    }
    #expect(warnings.isEmpty, "\(warnings)")
    let stacks = output.log.matches(of: /(\d+) bytes stack frame/).compactMap { Int($0.output.1) }
    #expect(stacks.count >= 15, "\(output.log)")
    #expect(stacks.allSatisfy { $0 <= Self.maxStackBytes }, "\(stacks)")
  }
}
