// 3×3 convolutions in groups, by their definition: too few channels meet for a matrix product.

/// Output pixels of a thread, side by side.
static const int pixelsPerThread = 4;

/// Four neighbouring channels.
template <class Element>
struct Quad {
  Element elements[4];
};

template <>
struct __align__(16) Quad<float> {
  float elements[4];
};

template <>
struct __align__(8) Quad<Half> {
  Half elements[4];
};

template <>
struct __align__(8) Quad<BFloat16> {
  BFloat16 elements[4];
};

/// Each thread computes four channels of four pixels side by side. Groups are at least four channels
/// wide, smaller ones were put together with zeros between them.
///
/// Weights: [kernel row][four input channels of the group][kernel column][input channel][channel].
template <int STRIDE>
__device__ __forceinline__ void convolveGroups(
    const Stored *source, const float4 *weights, const float4 *bias, Stored *destination,
    int images, int channels, int groupWidth, int sourceHeight, int sourceWidth, int height,
    int width, int sourcePitch, int destinationPitch, int flags) {
  const int columns = (pixelsPerThread - 1) * STRIDE + 3;
  const int quads = channels / 4;
  const int runs = (width + pixelsPerThread - 1) / pixelsPerThread;
  const long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= (long long)images * height * runs * quads) return;
  const int quad = (int)(index % quads);
  const int run = (int)(index / quads);
  const int x = run % runs * pixelsPerThread;
  const int y = run / runs % height;
  const int image = run / runs / height;
  const int firstChannel = quad * 4 / groupWidth * groupWidth;

  const float4 start = bias[quad];
  float4 sums[pixelsPerThread];
#pragma unroll
  for (int i = 0; i < pixelsPerThread; ++i) sums[i] = start;
  for (int row = 0; row < 3; ++row) {
    const int sourceY = y * STRIDE + row - 1;
    if ((unsigned)sourceY >= (unsigned)sourceHeight) continue;
    const long long rowPixel = ((long long)image * sourceHeight + sourceY) * sourceWidth;
    for (int inner = 0; inner < groupWidth / 4; ++inner) {
      float inputs[columns][4];
#pragma unroll
      for (int i = 0; i < columns; ++i) {
        const int sourceX = x * STRIDE + i - 1;
        Quad<Stored> read;
        if ((unsigned)sourceX < (unsigned)sourceWidth) {
          read = *reinterpret_cast<const Quad<Stored> *>(
              source + (rowPixel + sourceX) * sourcePitch + firstChannel + 4 * inner);
        } else {
#pragma unroll
          for (int c = 0; c < 4; ++c) narrow(0, read.elements[c]);
        }
#pragma unroll
        for (int c = 0; c < 4; ++c) inputs[i][c] = widened(read.elements[c]);
      }
      const float4 *elements = weights + (row * (groupWidth / 4) + inner) * 12 * quads + quad;
#pragma unroll
      for (int column = 0; column < 3; ++column) {
#pragma unroll
        for (int c = 0; c < 4; ++c) {
          const float4 weight = elements[(column * 4 + c) * quads];
#pragma unroll
          for (int i = 0; i < pixelsPerThread; ++i) {
            const float input = inputs[i * STRIDE + column][c];
            sums[i].x = fmaf(input, weight.x, sums[i].x);
            sums[i].y = fmaf(input, weight.y, sums[i].y);
            sums[i].z = fmaf(input, weight.z, sums[i].z);
            sums[i].w = fmaf(input, weight.w, sums[i].w);
          }
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < pixelsPerThread; ++i) {
    if (x + i >= width) break;
    float values[4] = {sums[i].x, sums[i].y, sums[i].z, sums[i].w};
    Quad<Stored> result;
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      narrow(flags & appliesReLU ? positive(values[c]) : values[c], result.elements[c]);
    }
    const long long pixel = ((long long)image * height + y) * width + x + i;
    *reinterpret_cast<Quad<Stored> *>(destination + pixel * destinationPitch + quad * 4) = result;
  }
}

#define GROUPED_CONVOLUTION(stride)                                                               \
  KERNEL __launch_bounds__(128) convolveGroups_##stride(                      \
      const Stored *source, const float4 *weights, const float4 *bias, Stored *destination,       \
      int images, int channels, int groupWidth, int sourceHeight, int sourceWidth, int height,    \
      int width, int sourcePitch, int destinationPitch, int flags) {                              \
    convolveGroups<stride>(                                                                       \
        source, weights, bias, destination, images, channels, groupWidth, sourceHeight,           \
        sourceWidth, height, width, sourcePitch, destinationPitch, flags);                        \
  }
GROUPED_CONVOLUTION(1)
GROUPED_CONVOLUTION(2)
