#include "Simulation.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <vector>

#include "GuardedMemory.hpp"

namespace simulation {

Thread *current = nullptr;
Program *programs = nullptr;

namespace {

const size_t warpSize = 32;
const size_t stackBytes = 128 << 10;

struct Copy {
  void *destination;
  const void *source;
  int group;
};

enum class State { ready, inWarp, atBarrier, done };

struct Fiber {
  Thread thread;
  State state;
  jmp_buf context;
  bool isStarted;
  void (*operate)(void *const *);
  void *own;
  std::vector<Copy> copies;
  int group;
};

struct Block {
  std::vector<Fiber> fibers;
  void (*kernel)(void **);
  void **arguments;
  void *shared;
  jmp_buf scheduler;
  Fiber *running;
  ucontext_t starter;
};

Block block;
char *stacks = nullptr;
size_t stackCount = 0;
/// So that no two launches run in the same order.
uint32_t seed = 1;

uint32_t random() {
  seed = seed * 1664525 + 1013904223;
  return seed >> 8;
}

void yield(State state) {
  Fiber &own = *block.running;
  own.state = state;
  if (_setjmp(own.context) == 0) _longjmp(block.scheduler, 1);
}

void entry() {
  block.kernel(block.arguments);
  block.running->state = State::done;
  _longjmp(block.scheduler, 1);
}

void resume(Fiber &fiber, size_t index) {
  block.running = &fiber;
  current = &fiber.thread;
  if (_setjmp(block.scheduler) != 0) return;
  if (fiber.isStarted) _longjmp(fiber.context, 1);
  fiber.isStarted = true;
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = stacks + index * stackBytes;
  context.uc_stack.ss_size = stackBytes;
  context.uc_link = nullptr;
  makecontext(&context, entry, 0);
  setcontext(&context);
}

[[noreturn]] void fail(const char *what) {
  fprintf(stderr, "simulated GPU: %s\n", what);
  abort();
}

/// Runs a warp until all of its threads wait for the block or are done.
void runWarp(size_t first) {
  const size_t end = std::min(first + warpSize, block.fibers.size());
  while (true) {
    const size_t start = random() % (end - first);
    for (size_t i = 0; i < end - first; ++i) {
      const size_t index = first + (start + i) % (end - first);
      if (block.fibers[index].state == State::ready) resume(block.fibers[index], index);
    }
    void *lanes[warpSize];
    size_t meeting = 0;
    for (size_t i = first; i < end; ++i) {
      if (block.fibers[i].state != State::inWarp) continue;
      if (block.fibers[i].operate != block.fibers[first].operate) fail("a warp is divided");
      lanes[meeting++] = block.fibers[i].own;
    }
    if (meeting == 0) return;
    if (meeting != warpSize) fail("a warp's instruction misses threads");
    block.fibers[first].operate(lanes);
    for (size_t i = first; i < end; ++i) block.fibers[i].state = State::ready;
  }
}

void runBlock(dim3 index, dim3 size) {
  for (size_t i = 0; i < block.fibers.size(); ++i) {
    Fiber &fiber = block.fibers[i];
    fiber.thread = {{(unsigned)i, 0, 0}, index, size};
    fiber.state = State::ready;
    fiber.isStarted = false;
    fiber.copies.clear();
    fiber.group = 0;
  }
  const size_t warps = (block.fibers.size() + warpSize - 1) / warpSize;
  while (true) {
    const size_t start = random() % warps;
    for (size_t i = 0; i < warps; ++i) runWarp((start + i) % warps * warpSize);
    size_t waiting = 0, done = 0;
    for (const Fiber &fiber : block.fibers) {
      waiting += fiber.state == State::atBarrier;
      done += fiber.state == State::done;
    }
    if (done == block.fibers.size()) return;
    if (waiting + done != block.fibers.size()) fail("a block does not go on");
    for (Fiber &fiber : block.fibers) {
      if (fiber.state == State::atBarrier) fiber.state = State::ready;
    }
  }
}

}  // namespace

void *sharedMemory() { return block.shared; }

void awaitBlock() { yield(State::atBarrier); }

void meetWarp(void (*operate)(void *const *), void *own) {
  block.running->operate = operate;
  block.running->own = own;
  yield(State::inWarp);
}

void beginCopy(void *destination, const void *source) {
  if (reinterpret_cast<uintptr_t>(destination) % 16 || reinterpret_cast<uintptr_t>(source) % 16) {
    fail("a copy of sixteen bytes is not aligned");
  }
  memset(destination, 0xff, 16);
  block.running->copies.push_back({destination, source, block.running->group});
}

void endCopies() { block.running->group += 1; }

void awaitCopies(int latest) {
  Fiber &fiber = *block.running;
  size_t done = 0;
  for (; done < fiber.copies.size(); ++done) {
    const Copy &copy = fiber.copies[done];
    if (copy.group >= fiber.group - latest) break;
    if (copy.source) memcpy(copy.destination, copy.source, 16);
    else memset(copy.destination, 0, 16);
  }
  fiber.copies.erase(fiber.copies.begin(), fiber.copies.begin() + (ptrdiff_t)done);
}

void run(
    void (*kernel)(void **), void **arguments, dim3 grid, unsigned threads, size_t sharedBytes) {
  if (stackCount < threads) {
    if (stacks) munmap(stacks, stackCount * stackBytes);
    void *address = mmap(
        nullptr, threads * stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) fail("no memory for stacks");
    stacks = static_cast<char *>(address);
    stackCount = threads;
  }
  GuardedMemory shared(sharedBytes);
  block.fibers.resize(threads);
  block.kernel = kernel;
  block.arguments = arguments;
  block.shared = shared.address;
  const uint64_t count = (uint64_t)grid.x * grid.y * grid.z;
  const uint64_t start = random() % count;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t index = (start + i) % count;
    shared.poison();
    runBlock(
        {(unsigned)(index % grid.x), (unsigned)(index / grid.x % grid.y),
         (unsigned)(index / grid.x / grid.y)},
        {threads, 1, 1});
  }
}

// MARK: - Numbers

float fromHalf(uint16_t bits) {
  const uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  const uint32_t exponent = bits >> 10 & 31;
  const uint32_t fraction = bits & 0x3ff;
  if (exponent == 31) return __uint_as_float(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) {
    const float value = ldexpf((float)fraction, -24);
    return sign ? -value : value;
  }
  return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
}

uint16_t toHalf(float x) {
  const uint32_t bits = __float_as_uint(x);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  const float size = fabsf(x);
  if (!(size == size)) return 0x7fff;
  if (size >= 65520) return sign | 0x7c00;
  // Multiples of half's unit at this size, rounded to even by the host's own rounding.
  int exponent = size > 0 ? ilogbf(size) : -14;
  if (exponent < -14) exponent = -14;
  const float units = nearbyintf(ldexpf(size, 10 - exponent));
  const float rounded = ldexpf(units, exponent - 10);
  if (rounded >= ldexpf(1, -14)) {
    const uint32_t whole = __float_as_uint(rounded);
    return (uint16_t)(sign | ((whole >> 23) - 112) << 10 | (whole >> 13 & 0x3ff));
  }
  return (uint16_t)(sign | (uint16_t)ldexpf(rounded, 24));
}

uint16_t toBFloat16(float x) {
  const uint32_t bits = __float_as_uint(x);
  return x == x ? (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16) : 0x7fff;
}

float truncated(double x) {
  const float nearest = (float)x;
  return fabs((double)nearest) > fabs(x) ? nextafterf(nearest, 0) : nearest;
}

}  // namespace simulation
