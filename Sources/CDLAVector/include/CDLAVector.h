// Single vector instructions that Swift cannot name or does not reliably select.
// Each function is one instruction; which exist depends on the target's -march.
#pragma once

#define DLA_INLINE static inline __attribute__((always_inline))

// Asks for a cache line in the second-level cache; any address is allowed.
DLA_INLINE void dla_prefetch(const float *p) { __builtin_prefetch(p, 0, 2); }

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

typedef float dla_f32x8 __attribute__((vector_size(32)));
typedef int dla_i32x8 __attribute__((vector_size(32)));

DLA_INLINE dla_f32x8 dla_load8(const float *p) { return (dla_f32x8)_mm256_loadu_ps(p); }
DLA_INLINE void dla_store8(float *p, dla_f32x8 v) { _mm256_storeu_ps(p, (__m256)v); }
DLA_INLINE dla_f32x8 dla_splat8(float x) { return (dla_f32x8)_mm256_set1_ps(x); }
DLA_INLINE dla_f32x8 dla_fma8(dla_f32x8 a, dla_f32x8 b, dla_f32x8 c) {
  return (dla_f32x8)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
DLA_INLINE dla_f32x8 dla_max8(dla_f32x8 a, dla_f32x8 b) {
  return (dla_f32x8)_mm256_max_ps((__m256)a, (__m256)b);
}
DLA_INLINE dla_i32x8 dla_load_index8(const int *p) {
  return (dla_i32x8)_mm256_loadu_si256((const __m256i *)p);
}
DLA_INLINE dla_f32x8 dla_permute8(dla_f32x8 v, dla_i32x8 index) {
  return (dla_f32x8)_mm256_permutevar8x32_ps((__m256)v, (__m256i)index);
}
#endif

#if defined(__AVX512F__)
typedef float dla_f32x16 __attribute__((vector_size(64)));
typedef int dla_i32x16 __attribute__((vector_size(64)));

DLA_INLINE dla_f32x16 dla_load16(const float *p) { return (dla_f32x16)_mm512_loadu_ps(p); }
DLA_INLINE void dla_store16(float *p, dla_f32x16 v) { _mm512_storeu_ps(p, (__m512)v); }
DLA_INLINE dla_f32x16 dla_splat16(float x) { return (dla_f32x16)_mm512_set1_ps(x); }
DLA_INLINE dla_f32x16 dla_fma16(dla_f32x16 a, dla_f32x16 b, dla_f32x16 c) {
  return (dla_f32x16)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
DLA_INLINE dla_f32x16 dla_max16(dla_f32x16 a, dla_f32x16 b) {
  return (dla_f32x16)_mm512_max_ps((__m512)a, (__m512)b);
}
DLA_INLINE dla_i32x16 dla_load_index16(const int *p) {
  return (dla_i32x16)_mm512_loadu_si512(p);
}
DLA_INLINE dla_f32x16 dla_permute16(dla_f32x16 v, dla_i32x16 index) {
  return (dla_f32x16)_mm512_permutexvar_ps((__m512i)index, (__m512)v);
}
#endif
