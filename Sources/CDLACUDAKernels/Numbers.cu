// Numbers of every type as float32, in which all arithmetic is done.

__device__ __forceinline__ float widened(float x) { return x; }
__device__ __forceinline__ void narrow(float x, float &result) { result = x; }
__device__ __forceinline__ float widened(BFloat16 x) {
  return __uint_as_float((unsigned)x.bits << 16);
}

/// The numbers of a chunk.
template <class Element>
struct Numbers {
  static const int count = 16 / sizeof(Element);
  float values[count];

  __device__ __forceinline__ Numbers() {}

  __device__ __forceinline__ explicit Numbers(const Chunk &chunk) {
    const Element *elements = reinterpret_cast<const Element *>(&chunk);
#pragma unroll
    for (int i = 0; i < count; ++i) values[i] = widened(elements[i]);
  }

  __device__ __forceinline__ Chunk chunk() const {
    Chunk result;
    Element *elements = reinterpret_cast<Element *>(&result);
#pragma unroll
    for (int i = 0; i < count; ++i) narrow(values[i], elements[i]);
    return result;
  }
};

/// Two neighbouring channels.
template <class Element>
struct __align__(2 * sizeof(Element)) Pair {
  Element first, second;

  Pair() = default;
  __device__ __forceinline__ Pair(float first, float second) {
    narrow(first, this->first);
    narrow(second, this->second);
  }
};

/// max(x, 0), and NaN where x is: broken weights must not look whole.
__device__ __forceinline__ float positive(float x) { return x < 0 ? 0 : x; }

/// The larger one, and NaN where one is.
__device__ __forceinline__ float larger(float x, float y) { return x < y || y != y ? y : x; }
