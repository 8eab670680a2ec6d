import CDLAKernels

/// The engine finds this by its C name when the program is linked; see `CDLAKernels.h`.
@_cdecl("dla_kernels_avx512") public func kernels() -> KernelTable { table }
