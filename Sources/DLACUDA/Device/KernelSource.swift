import DLABackend
import DLAGraph

/// The kernels as text, and how they are compiled.
package enum KernelSource {
  /// All files as one program, in an order in which each needs only those before it.
  package static let program: String = [
    ("Elements", PackageResources.Elements_cu), ("Instructions", PackageResources.Instructions_cu),
    ("Numbers", PackageResources.Numbers_cu), ("Convolution", PackageResources.Convolution_cu),
    ("GroupedConvolution", PackageResources.GroupedConvolution_cu),
    ("FeatureMaps", PackageResources.Maps_cu),
  ].map { name, bytes in
    "#line 1 \"\(name).cu\"\n" + String(decoding: bytes, as: UTF8.self)
  }.joined()

  /// Options of the compiler.
  ///
  /// - Parameters:
  ///   - precision: what maps hold.
  ///   - arithmetic: how convolutions multiply.
  ///   - capability: of the device, 90 for 9.0.
  /// - Returns: the options.
  package static func options(_ precision: Precision, _ arithmetic: Arithmetic, capability: Int)
    -> [String]
  {
    [
      "--gpu-architecture=sm_\(capability)", "--std=c++17", "-DSTORED=\(precision.storedType)",
      "-DARITHMETIC=\(arithmetic.kernelType)",
    ]
  }
}
