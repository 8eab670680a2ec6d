// Blocks of threads as fibers, and what kernels call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>

// MARK: - CUDA's own names

#define KERNEL [[maybe_unused]] static void
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(threads)
#define __align__(bytes) alignas(bytes)
#define SHARED_MEMORY(name) Chunk *name = reinterpret_cast<Chunk *>(simulation::sharedMemory())
#define __syncthreads() simulation::awaitBlock()
#define __threadfence() std::atomic_thread_fence(std::memory_order_seq_cst)
#define threadIdx (simulation::current->thread)
#define blockIdx (simulation::current->block)
#define blockDim (simulation::current->blockSize)

#include <atomic>
#include <cmath>

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct dim3 {
  unsigned x, y, z;
};

inline unsigned __float_as_uint(float x) {
  unsigned result;
  memcpy(&result, &x, 4);
  return result;
}

inline float __uint_as_float(unsigned x) {
  float result;
  memcpy(&result, &x, 4);
  return result;
}

inline float __ldcg(const float *address) { return *address; }

inline unsigned atomicAdd(unsigned *address, unsigned value) {
  return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}

using std::fmaf;

// MARK: - Threads

namespace simulation {

/// One thread of a block.
struct Thread {
  dim3 thread, block, blockSize;
};

extern Thread *current;

void *sharedMemory();
/// Goes on when all threads of the block are here.
void awaitBlock();
/// Has `operate` work on what all 32 threads of the warp bring, and goes on when it has.
void meetWarp(void (*operate)(void *const *lanes), void *own);

void beginCopy(void *destination, const void *source);
void endCopies();
void awaitCopies(int latest);

/// Runs a grid.
void run(
    void (*kernel)(void **arguments), void **arguments, dim3 grid, unsigned threads,
    size_t sharedBytes);

// MARK: - Kernels by name

struct Kernel {
  const char *name;
  void (*start)(void **arguments);
  size_t argumentCount;
  const size_t *argumentSizes;
};

/// A program of the kernels: what it was compiled for, and what is in it.
struct Program {
  const char *stored;
  const char *arithmetic;
  const Kernel *kernels;
  size_t count;
  Program *next;
};

extern Program *programs;

struct Registration {
  explicit Registration(Program &program) {
    program.next = programs;
    programs = &program;
  }
};

template <auto KERNEL_FUNCTION>
struct Start;

template <class... Arguments, void (*KERNEL_FUNCTION)(Arguments...)>
struct Start<KERNEL_FUNCTION> {
  static constexpr size_t sizes[] = {sizeof(Arguments)...};

  template <size_t... I>
  static void call(void **arguments, std::index_sequence<I...>) {
    KERNEL_FUNCTION(*static_cast<Arguments *>(arguments[I])...);
  }

  static void run(void **arguments) { call(arguments, std::index_sequence_for<Arguments...>{}); }

  static constexpr Kernel kernel(const char *name) {
    return {name, run, sizeof...(Arguments), sizes};
  }
};

// MARK: - Numbers

float fromHalf(uint16_t bits);
uint16_t toHalf(float x);
uint16_t toBFloat16(float x);
/// The nearest float32 that is no further from zero.
float truncated(double x);

}  // namespace simulation
