// Convolutions without groups as matrix products (implicit GEMM): output pixels × output channels,
// summed over all numbers that a pixel reads.
//
// A pixel reads a list of chunks, the same for all pixels: a kernel element, and sixteen bytes of
// the channels of one source. So this kernel knows no kernel sizes, and a concatenation is a longer
// list: its parts stay where they are.
//
// A block of threads computes a tile of pixels × channels. 128 bytes of each pixel's and each output
// channel's list are in shared memory at a time, and the next ones on their way. The list may be
// divided into parts that different blocks sum (split-K); the last block adds up, in the order of the
// parts, so that results do not depend on which was last.

/// One chunk of what an output pixel reads.
struct SourceChunk {
  /// Of the chunk in the arena, at the source's first pixel.
  long long offset;
  /// Bytes from a pixel of the source to the next.
  int pixelBytes;
  /// The kernel element.
  short y, x;
};

static const int chunksPerBlock = 8;
/// Words of a row in shared memory: 128 bytes, and a gap that has neighbouring rows start in other
/// banks.
static const int rowWords = 36;
static const int stages = 3;

enum { appliesReLU = 1, writesFloats = 2 };

// MARK: - Arithmetic

/// Products as fused multiply-adds in float32; elements of any type.
///
/// Sums lie as tensor cores have them, so that all else is common: lane l has of 16×8 sums those of
/// rows l / 4 and l / 4 + 8, columns 2 (l % 4) and the next.
template <class StoredElement>
struct Scalar {
  typedef StoredElement Element;

  template <int ROWS, int COLUMNS>
  __device__ __forceinline__ static void multiply(
      const unsigned *a, const unsigned *b, float (&sums)[ROWS][COLUMNS][4], int lane) {
    typedef Numbers<Element> Vector;
    const unsigned *aRow = a + lane / 4 * rowWords;
    const unsigned *bRow = b + lane % 4 * 2 * rowWords;
#pragma unroll 2
    for (int chunk = 0; chunk < chunksPerBlock; ++chunk) {
      Vector bVectors[COLUMNS][2];
#pragma unroll
      for (int column = 0; column < COLUMNS; ++column) {
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          const unsigned *words = bRow + (8 * column + i) * rowWords + 4 * chunk;
          bVectors[column][i] = Vector(*reinterpret_cast<const Chunk *>(words));
        }
      }
#pragma unroll
      for (int row = 0; row < 2 * ROWS; ++row) {
        const unsigned *words = aRow + 8 * row * rowWords + 4 * chunk;
        const Vector aVector(*reinterpret_cast<const Chunk *>(words));
#pragma unroll
        for (int column = 0; column < COLUMNS; ++column) {
#pragma unroll
          for (int i = 0; i < 2; ++i) {
            float &sum = sums[row / 2][column][row % 2 * 2 + i];
#pragma unroll
            for (int k = 0; k < Vector::count; ++k) {
              sum = fmaf(aVector.values[k], bVectors[column][i].values[k], sum);
            }
          }
        }
      }
    }
  }
};

#ifdef HAS_TENSOR_CORES

/// Products on tensor cores, eight words of each row at a time.
template <class Product>
struct Matrix {
  typedef typename Product::Element Element;

  template <int ROWS, int COLUMNS>
  __device__ __forceinline__ static void multiply(
      const unsigned *a, const unsigned *b, float (&sums)[ROWS][COLUMNS][4], int lane) {
    const unsigned *aRow = a + (lane % 16) * rowWords + lane / 16 * 4;
    const unsigned *bRow = b + (lane % 8 + lane / 16 * 8) * rowWords + lane / 8 % 2 * 4;
#pragma unroll
    for (int word = 0; word < 4 * chunksPerBlock; word += 8) {
      typename Product::Fragment bFragments[COLUMNS / 2];
#pragma unroll
      for (int column = 0; column < COLUMNS / 2; ++column) {
        unsigned loaded[4];
        loadMatrices(loaded, bRow + 16 * column * rowWords + word);
        bFragments[column] = typename Product::Fragment(loaded);
      }
#pragma unroll
      for (int row = 0; row < ROWS; ++row) {
        unsigned loaded[4];
        loadMatrices(loaded, aRow + 16 * row * rowWords + word);
        const typename Product::Fragment aFragment(loaded);
#pragma unroll
        for (int column = 0; column < COLUMNS; ++column) {
          Product::add(sums[row][column], aFragment, bFragments[column / 2], column % 2 * 2);
        }
      }
    }
  }
};

/// Four registers as they are.
struct Plain {
  unsigned words[4];

  Plain() = default;
  __device__ __forceinline__ explicit Plain(const unsigned (&loaded)[4]) {
#pragma unroll
    for (int i = 0; i < 4; ++i) words[i] = loaded[i];
  }
};

struct HalfProduct {
  typedef Half Element;
  typedef Plain Fragment;
  __device__ __forceinline__ static void add(
      float (&sum)[4], const Fragment &a, const Fragment &b, int i) {
    multiplyAddHalf(sum, a.words, b.words[i], b.words[i + 1]);
  }
};

struct BFloat16Product {
  typedef BFloat16 Element;
  typedef Plain Fragment;
  __device__ __forceinline__ static void add(
      float (&sum)[4], const Fragment &a, const Fragment &b, int i) {
    multiplyAddBFloat16(sum, a.words, b.words[i], b.words[i + 1]);
  }
};

/// float32, rounded to 11 significant bits.
struct TF32Product {
  typedef float Element;
  struct Fragment : Plain {
    Fragment() = default;
    __device__ __forceinline__ explicit Fragment(const unsigned (&loaded)[4]) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        words[i] = __float_as_uint(roundedToTF32(__uint_as_float(loaded[i])));
      }
    }
  };
  __device__ __forceinline__ static void add(
      float (&sum)[4], const Fragment &a, const Fragment &b, int i) {
    multiplyAddTF32(sum, a.words, b.words[i], b.words[i + 1]);
  }
};

/// 3xTF32: float32 as the sum of two numbers of tf32, and products of three of the four pairs, on
/// tensor cores.
///
/// Those cut off what does not fit a sum instead of rounding it, so each eight products are summed
/// apart and added outside. An infinity becomes NaN, as broken weights must not look whole.
struct TripleTF32Product {
  typedef float Element;
  struct Fragment {
    unsigned high[4], low[4];

    Fragment() = default;
    __device__ __forceinline__ explicit Fragment(const unsigned (&loaded)[4]) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float value = __uint_as_float(loaded[i]);
        const float rounded = roundedToTF32(value);
        high[i] = __float_as_uint(rounded);
        low[i] = __float_as_uint(roundedToTF32(value - rounded));
      }
    }
  };
  __device__ __forceinline__ static void add(
      float (&sum)[4], const Fragment &a, const Fragment &b, int i) {
    float product[4] = {0, 0, 0, 0};
    multiplyAddTF32(product, a.low, b.high[i], b.high[i + 1]);
    multiplyAddTF32(product, a.high, b.low[i], b.low[i + 1]);
    multiplyAddTF32(product, a.high, b.high[i], b.high[i + 1]);
#pragma unroll
    for (int k = 0; k < 4; ++k) sum[k] += product[k];
  }
};

#endif

/// The arithmetic that this program is compiled for, `Scalar<Stored>` or one of `Matrix`.
typedef ARITHMETIC Arithmetic;

// MARK: - The kernel

#define CONVOLUTION_PARAMETERS                                                                    \
  const char *arena, const Chunk *weights, const float *bias, const SourceChunk *list,            \
      char *destination, const char *shortcut, float *workspace, unsigned *counters, int pixels,  \
      int channels, int blocks, int splitK, int sourceHeight, int sourceWidth, int height,        \
      int width, int stride, int destinationPitch, int shortcutPitch, int flags
#define CONVOLUTION_ARGUMENTS                                                                     \
  arena, weights, bias, list, destination, shortcut, workspace, counters, pixels, channels,       \
      blocks, splitK, sourceHeight, sourceWidth, height, width, stride, destinationPitch,         \
      shortcutPitch, flags

template <int TILE_PIXELS, int TILE_CHANNELS, int WARPS_DOWN, int WARPS_ACROSS>
__device__ __forceinline__ void convolve(CONVOLUTION_PARAMETERS) {
  typedef typename Arithmetic::Element Element;
  const int threads = 32 * WARPS_DOWN * WARPS_ACROSS;
  const int rowsPerPass = threads / chunksPerBlock;
  const int pixelPasses = TILE_PIXELS / rowsPerPass;
  const int channelPasses = TILE_CHANNELS / rowsPerPass;
  const int rows = TILE_PIXELS / WARPS_DOWN / 16;
  const int columns = TILE_CHANNELS / WARPS_ACROSS / 8;
  const int stageWords = (TILE_PIXELS + TILE_CHANNELS) * rowWords;
  static_assert(pixelPasses >= 1 && channelPasses >= 1, "every thread copies whole rows");
  static_assert(rows >= 1 && columns >= 2 && columns % 2 == 0, "warps load 16 rows and columns");

  SHARED_MEMORY(shared);
  unsigned *words = reinterpret_cast<unsigned *>(shared);
  const int thread = threadIdx.x;
  const int channelTiles = (channels + TILE_CHANNELS - 1) / TILE_CHANNELS;
  const int firstPixel = blockIdx.x / channelTiles * TILE_PIXELS;
  const int channelTile = blockIdx.x % channelTiles;
  const int part = blockIdx.y;
  const int firstBlock = (int)((long long)blocks * part / splitK);
  const int lastBlock = (int)((long long)blocks * (part + 1) / splitK);

  // Every thread copies one chunk of some pixels and of some channels.
  const int column = thread % chunksPerBlock;
  const int row = thread / chunksPerBlock;
  int sourcePixel[pixelPasses], sourceY[pixelPasses], sourceX[pixelPasses];
#pragma unroll
  for (int pass = 0; pass < pixelPasses; ++pass) {
    const int pixel = firstPixel + row + pass * rowsPerPass;
    const int image = pixel / (height * width);
    const int rest = pixel % (height * width);
    // A pixel behind the last reads nothing: no kernel element leads back into the image.
    sourceY[pass] = pixel < pixels ? rest / width * stride : -0x4000;
    sourceX[pass] = rest % width * stride;
    sourcePixel[pass] = (image * sourceHeight + sourceY[pass]) * sourceWidth + sourceX[pass];
  }

  auto load = [&](int block, int stage) {
    Chunk *const rowsOfStage = reinterpret_cast<Chunk *>(words + stage * stageWords);
    Chunk *target = rowsOfStage + row * (rowWords / 4) + column;
    const SourceChunk chunk = list[block * chunksPerBlock + column];
#pragma unroll
    for (int pass = 0; pass < pixelPasses; ++pass) {
      const bool isThere = (unsigned)(sourceY[pass] + chunk.y) < (unsigned)sourceHeight &&
          (unsigned)(sourceX[pass] + chunk.x) < (unsigned)sourceWidth && chunk.pixelBytes > 0;
      const long long pixel = sourcePixel[pass] + chunk.y * sourceWidth + chunk.x;
      const char *source = arena + (isThere ? chunk.offset + pixel * chunk.pixelBytes : 0);
      beginCopy(target, reinterpret_cast<const Chunk *>(source), isThere);
      target += rowsPerPass * (rowWords / 4);
    }
    // [block][channel, padded to whole tiles][chunk]
    const long long first =
        ((long long)block * channelTiles + channelTile) * TILE_CHANNELS * chunksPerBlock;
    const Chunk *source = weights + first + row * chunksPerBlock + column;
#pragma unroll
    for (int pass = 0; pass < channelPasses; ++pass) {
      beginCopy(target, source, true);
      target += rowsPerPass * (rowWords / 4);
      source += rowsPerPass * chunksPerBlock;
    }
  };

  const int lane = thread % 32;
  const int warp = thread / 32;
  const int warpPixel = warp / WARPS_ACROSS * (rows * 16);
  const int warpChannel = warp % WARPS_ACROSS * (columns * 8);
  float sums[rows][columns][4];
#pragma unroll
  for (int i = 0; i < rows; ++i) {
#pragma unroll
    for (int j = 0; j < columns; ++j) {
#pragma unroll
      for (int k = 0; k < 4; ++k) sums[i][j][k] = 0;
    }
  }

  // Groups of copies are counted, so an empty one stands for each block that there is not.
#pragma unroll
  for (int i = 0; i < stages - 1; ++i) {
    if (firstBlock + i < lastBlock) load(firstBlock + i, i);
    endCopies();
  }
  for (int block = firstBlock; block < lastBlock; ++block) {
    awaitCopies<stages - 2>();
    // All have copied this block, and all have read the one whose place is filled next.
    __syncthreads();
    const int stage = (block - firstBlock) % stages;
    const int next = block + stages - 1;
    if (next < lastBlock) load(next, (next - firstBlock) % stages);
    endCopies();
    const unsigned *const a = words + stage * stageWords + warpPixel * rowWords;
    const unsigned *const b = words + stage * stageWords + (TILE_PIXELS + warpChannel) * rowWords;
    Arithmetic::multiply(a, b, sums, lane);
  }

  if (splitK > 1) {
    // [tile][part][sum][thread]
    const int count = rows * columns * 4;
    float *const ofTile = workspace + (long long)blockIdx.x * splitK * count * threads + thread;
    float *own = ofTile + (long long)part * count * threads;
#pragma unroll
    for (int i = 0; i < rows; ++i) {
#pragma unroll
      for (int j = 0; j < columns; ++j) {
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          own[((i * columns + j) * 4 + k) * threads] = sums[i][j][k];
          sums[i][j][k] = 0;
        }
      }
    }
    __threadfence();
    __syncthreads();
    // Copies are done, so their memory can hold the count.
    if (thread == 0) words[0] = atomicAdd(counters + blockIdx.x, 1u);
    __syncthreads();
    if (words[0] != (unsigned)splitK - 1) return;
    __threadfence();
    for (int other = 0; other < splitK; ++other) {
      const float *parts = ofTile + (long long)other * count * threads;
#pragma unroll
      for (int i = 0; i < rows; ++i) {
#pragma unroll
        for (int j = 0; j < columns; ++j) {
#pragma unroll
          for (int k = 0; k < 4; ++k) {
            sums[i][j][k] += __ldcg(parts + ((i * columns + j) * 4 + k) * threads);
          }
        }
      }
    }
    // Counters are zero between runs.
    if (thread == 0) counters[blockIdx.x] = 0;
  }

#pragma unroll
  for (int i = 0; i < 2 * rows; ++i) {
    const int pixel = firstPixel + warpPixel + 8 * i + lane / 4;
    if (pixel >= pixels) continue;
#pragma unroll
    for (int j = 0; j < columns; ++j) {
      const int channel = channelTile * TILE_CHANNELS + warpChannel + 8 * j + lane % 4 * 2;
      if (channel >= channels) continue;
      float first = sums[i / 2][j][i % 2 * 2] + bias[channel];
      float second = sums[i / 2][j][i % 2 * 2 + 1] + bias[channel + 1];
      if (shortcut) {
        const Pair<Element> added = reinterpret_cast<const Pair<Element> *>(
            shortcut)[((long long)pixel * shortcutPitch + channel) / 2];
        first += widened(added.first);
        second += widened(added.second);
      }
      if (flags & appliesReLU) {
        first = positive(first);
        second = positive(second);
      }
      const long long place = ((long long)pixel * destinationPitch + channel) / 2;
      if (flags & writesFloats) {
        reinterpret_cast<Pair<float> *>(destination)[place] = Pair<float>(first, second);
      } else {
        reinterpret_cast<Pair<Element> *>(destination)[place] = Pair<Element>(first, second);
      }
    }
  }
}

#define CONVOLUTION_TILES(tile)                                                                   \
  tile(128, 128, 2, 4) tile(128, 64, 2, 2) tile(64, 128, 2, 2) tile(64, 64, 2, 2)                 \
  tile(128, 32, 4, 1) tile(64, 32, 2, 1) tile(32, 64, 1, 2) tile(128, 16, 4, 1)

#define TILE(pixels, channels, down, across)                                                      \
  KERNEL __launch_bounds__(32 * down * across)                                                    \
      convolve_##pixels##x##channels(CONVOLUTION_PARAMETERS) {                                    \
    convolve<pixels, channels, down, across>(CONVOLUTION_ARGUMENTS);                              \
  }
CONVOLUTION_TILES(TILE)
