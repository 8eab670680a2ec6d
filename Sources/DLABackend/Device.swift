/// The hardware that runs a network.
public enum Device: Sendable, Hashable {
  /// The CPU.
  case cpu
  /// An NVIDIA GPU, by its number as the CUDA driver counts from 0.
  case cuda(Int)

  /// Reads `cpu`, `cuda` (the first GPU) or `cuda:N`.
  ///
  /// Nil for anything else.
  ///
  /// - Parameter name: in any case.
  public init?(_ name: String) {
    let parts = name.lowercased().split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("cpu", 1): self = .cpu
    case ("cuda", 1): self = .cuda(0)
    case ("cuda", 2):
      guard let number = Int(parts[1]), (0...1023).contains(number), !parts[1].hasPrefix("+") else {
        return nil
      }
      self = .cuda(number)
    default: return nil
    }
  }
}

extension Device: CustomStringConvertible {
  /// For instance `cuda:0`.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let number): "cuda:\(number)"
    }
  }
}

/// The number format that a network computes with; its scores are always float32.
public enum Precision: String, Sendable, CaseIterable {
  /// float32.
  case fp32
  /// float32 in memory, rounded to 11 significant bits where tensor cores multiply; NVIDIA GPUs.
  case tf32
  /// float16 in memory, products of it summed in float32; NVIDIA GPUs.
  case fp16
  /// bfloat16 in memory, products of it summed in float32; NVIDIA GPUs.
  case bf16
}
