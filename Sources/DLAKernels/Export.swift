import CDLAKernels

/// The engine finds this by its C name when the program is linked; see `CDLAKernels.h`.
@_cdecl("dla_kernels_portable") public func kernels() -> KernelTable { table }
