/// What numbers a network computes with; its scores are float32 in any case.
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
