import DLASystem
import _DLAFuzzing

/// The reader that the environment variable `DLA_FUZZED_READER` names.
private let reader = {
  let name = Platform.environment("DLA_FUZZED_READER") ?? ""
  guard let reader = FuzzedReader(rawValue: name) else {
    let names = FuzzedReader.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("DLA_FUZZED_READER is '\(name)', expected one of \(names)")
  }
  return reader
}()

/// Gives bytes to the reader; libFuzzer calls it and brings `main`.
///
/// - Parameters:
///   - data: the bytes.
///   - count: their number.
/// - Returns: 0, as libFuzzer demands.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(UnsafeRawBufferPointer(start: data, count: count))
  return 0
}

// No reader computes, so the program is linked without the engine's kernels.

/// Stands for the portable kernels.
@_cdecl("dla_kernels_portable") public func noPortableKernels() { fatalError("no kernels") }
/// Stands for the AVX2 kernels.
@_cdecl("dla_kernels_avx2") public func noAVX2Kernels() { fatalError("no kernels") }
/// Stands for the AVX-512 kernels.
@_cdecl("dla_kernels_avx512") public func noAVX512Kernels() { fatalError("no kernels") }
