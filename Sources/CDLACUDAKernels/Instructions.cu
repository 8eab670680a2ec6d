// Operations that CUDA C++ has no name for, as single instructions of PTX.
//
// Tests run the other files on the host, with functions of these names that do the same.

/// The declaration of a kernel that the host launches by its name.
#define KERNEL extern "C" __global__ void

__device__ __forceinline__ float widened(Half x) {
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(x.bits));
  return result;
}

__device__ __forceinline__ void narrow(float x, Half &result) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(x));
}

__device__ __forceinline__ void narrow(float x, BFloat16 &result) {
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(x));
#else
  unsigned bits = __float_as_uint(x);
  result.bits = x == x ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : 0x7fff;
#endif
}

/// The nearest number that a tensor core's tf32 holds.
__device__ __forceinline__ float roundedToTF32(float x) {
  unsigned result = __float_as_uint(x);
#if __CUDA_ARCH__ >= 800
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(result) : "f"(x));
#endif
  return __uint_as_float(result);
}

/// Begins to copy a chunk to shared memory, or zeros if it is not there.
__device__ __forceinline__ void beginCopy(Chunk *destination, const Chunk *source, bool isThere) {
#if __CUDA_ARCH__ >= 800
  unsigned address = (unsigned)__cvta_generic_to_shared(destination);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :: "r"(address), "l"(source), "r"(isThere ? 16 : 0) : "memory");
#else
  *destination = isThere ? *source : make_uint4(0, 0, 0, 0);
#endif
}

/// Ends a group of copies.
__device__ __forceinline__ void endCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits for this thread's copies, but for the latest groups.
template <int LATEST>
__device__ __forceinline__ void awaitCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" :: "n"(LATEST) : "memory");
#endif
}

/// Four 8×8 matrices of 16 bits: lane l gives the address of a row of matrix l / 8, and gets the
/// word l % 4 of row l / 4 of each.
__device__ __forceinline__ void loadMatrices(unsigned (&result)[4], const unsigned *row) {
#if __CUDA_ARCH__ >= 750
  unsigned address = (unsigned)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(result[0]), "=r"(result[1]), "=r"(result[2]), "=r"(result[3])
               : "r"(address) : "memory");
#endif
}

#define MULTIPLY_ADD(name, shape_and_types)                                                        \
  __device__ __forceinline__ void name(                                                           \
      float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {                        \
    asm volatile("mma.sync.aligned." shape_and_types " {%0, %1, %2, %3}, {%4, %5, %6, %7}, "      \
                 "{%8, %9}, {%0, %1, %2, %3};"                                                    \
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])                         \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));                 \
  }

#if __CUDA_ARCH__ >= 800
#define HAS_TENSOR_CORES
// sum[16×8] += a[16×k] · b[k×8], k being 8 words; how lanes hold them: PTX ISA, section mma.
MULTIPLY_ADD(multiplyAddTF32, "m16n8k8.row.col.f32.tf32.tf32.f32")
MULTIPLY_ADD(multiplyAddHalf, "m16n8k16.row.col.f32.f16.f16.f32")
MULTIPLY_ADD(multiplyAddBFloat16, "m16n8k16.row.col.f32.bf16.bf16.f32")
#endif

#define SHARED_MEMORY(name)                                                                       \
  extern __shared__ Chunk name##_chunks[];                                                        \
  Chunk *name = name##_chunks
