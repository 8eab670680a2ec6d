// Operations that Swift cannot name: the feature bits and the model of an x86-64 CPU (zero on other
// machines), the instruction that tells a core that it waits in a loop, and Linux calls behind
// feature macros.
#pragma once
#include <stdint.h>

enum {
  DLA_CPU_AVX2 = 1,  // AVX2, FMA, F16C, enabled by the operating system
  DLA_CPU_AVX512 = 2,  // AVX-512 F, BW, CD, DQ and VL, enabled by the operating system
};

#if defined(__x86_64__)
#include <cpuid.h>

static inline uint64_t dla_enabled_register_states(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

static inline uint32_t dla_cpu_features(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  // FMA MOVBE OSXSAVE AVX F16C: all that x86-64-v3 lets a compiler use, as below.
  const uint32_t base = (1u << 12) | (1u << 22) | (1u << 27) | (1u << 28) | (1u << 29);
  if ((c & base) != base) return 0;
  const uint64_t states = dla_enabled_register_states();
  if ((states & 0x6) != 0x6) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  const uint32_t extended = (1u << 3) | (1u << 5) | (1u << 8);  // BMI1 AVX2 BMI2
  const uint32_t seventh = b;
  if ((seventh & extended) != extended) return 0;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & (1u << 5))) return 0;  // LZCNT
  uint32_t features = DLA_CPU_AVX2;
  const uint32_t avx512 = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);
  if ((seventh & avx512) == avx512 && (states & 0xe6) == 0xe6) features |= DLA_CPU_AVX512;
  return features;
}

// Family, model and stepping as one number, and the name that the maker gave it, ended by a zero.
static inline uint32_t dla_cpu_model(char name[49]) {
  uint32_t words[12] = {0}, a, b, c, d;
  if (__get_cpuid(0x80000000, &a, &b, &c, &d) && a >= 0x80000004)
    for (int i = 0; i < 3; i++)
      __get_cpuid(
          0x80000002 + i, words + 4 * i, words + 4 * i + 1, words + 4 * i + 2, words + 4 * i + 3);
  __builtin_memcpy(name, words, 48);
  name[48] = 0;
  return __get_cpuid(1, &a, &b, &c, &d) ? a : 0;
}
#else
static inline uint32_t dla_cpu_features(void) { return 0; }
static inline uint32_t dla_cpu_model(char name[49]) {
  name[0] = 0;
  return 0;
}
#endif

static inline void dla_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// The processors this thread may run on, as a bit mask; the number of bytes written, or -1.
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
static inline long dla_processor_mask(void *mask, unsigned long bytes) {
  return syscall(SYS_sched_getaffinity, 0, bytes, mask);
}
#else
static inline long dla_processor_mask(void *mask, unsigned long bytes) { return -1; }
#endif
