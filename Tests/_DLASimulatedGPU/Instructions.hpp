// The functions of Instructions.cu on the host.
#define HAS_TENSOR_CORES

inline float widened(Half x) { return simulation::fromHalf(x.bits); }
inline void narrow(float x, Half &result) { result.bits = simulation::toHalf(x); }
inline void narrow(float x, BFloat16 &result) { result.bits = simulation::toBFloat16(x); }

inline float roundedToTF32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000) & ~0x1fffu);
}

inline void beginCopy(Chunk *destination, const Chunk *source, bool isThere) {
  simulation::beginCopy(destination, isThere ? source : nullptr);
}
inline void endCopies() { simulation::endCopies(); }
template <int LATEST>
inline void awaitCopies() { simulation::awaitCopies(LATEST); }

inline void loadMatrices(unsigned (&result)[4], const unsigned *row) {
  struct Own {
    unsigned *result;
    const unsigned *row;
  } own = {result, row};
  simulation::meetWarp(
      [](void *const *lanes) {
        for (int lane = 0; lane < 32; ++lane) {
          for (int matrix = 0; matrix < 4; ++matrix) {
            const Own *const giver = static_cast<Own *>(lanes[8 * matrix + lane / 4]);
            static_cast<Own *>(lanes[lane])->result[matrix] = giver->row[lane % 4];
          }
        }
      },
      &own);
}

/// A warp's product, whose sums are cut off after float32's bits as on tensor cores; a word holds `perWord` numbers, of which `number` gives one.
template <int perWord, float (*number)(unsigned word, int index)>
inline void multiplyAdd(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  struct Own {
    float *sum;
    const unsigned *a;
    unsigned b[2];
  } own = {sum, a, {b0, b1}};
  simulation::meetWarp(
      [](void *const *lanes) {
        float left[16][8 * perWord], right[8][8 * perWord];
        for (int lane = 0; lane < 32; ++lane) {
          const Own *const giver = static_cast<Own *>(lanes[lane]);
          for (int i = 0; i < perWord; ++i) {
            for (int half = 0; half < 2; ++half) {
              const int k = (lane % 4 + 4 * half) * perWord + i;
              left[lane / 4][k] = number(giver->a[2 * half], i);
              left[lane / 4 + 8][k] = number(giver->a[2 * half + 1], i);
              right[lane / 4][k] = number(giver->b[half], i);
            }
          }
        }
        for (int lane = 0; lane < 32; ++lane) {
          for (int i = 0; i < 4; ++i) {
            const float *const x = left[lane / 4 + i / 2 * 8];
            const float *const y = right[lane % 4 * 2 + i % 2];
            double sum = static_cast<Own *>(lanes[lane])->sum[i];
            for (int k = 0; k < 8 * perWord; ++k) sum += (double)x[k] * y[k];
            static_cast<Own *>(lanes[lane])->sum[i] = simulation::truncated(sum);
          }
        }
      },
      &own);
}

/// A tensor core does not look at the bits that tf32 lacks.
inline float tf32Number(unsigned word, int) { return __uint_as_float(word & ~0x1fffu); }
inline float halfNumber(unsigned word, int index) {
  return simulation::fromHalf((uint16_t)(word >> (16 * index)));
}
inline float bfloat16Number(unsigned word, int index) {
  return __uint_as_float(word >> (16 * index) << 16);
}

inline void multiplyAddTF32(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  multiplyAdd<1, tf32Number>(sum, a, b0, b1);
}
inline void multiplyAddHalf(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  multiplyAdd<2, halfNumber>(sum, a, b0, b1);
}
inline void multiplyAddBFloat16(
    float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  multiplyAdd<2, bfloat16Number>(sum, a, b0, b1);
}
