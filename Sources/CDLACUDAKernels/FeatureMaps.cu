// Kernels without weights: conversion of inputs and outputs, pooling and sums. Each thread writes
// one chunk of a pixel.
//
// Maps are [N, H, W, C], with a pitch from one pixel to the next, in elements.

/// Places of a thread's chunk: its pixel and the first of its channels.
struct Place {
  long long pixel;
  int channel;
  bool isThere;

  __device__ __forceinline__ Place(long long pixels, int channels) {
    const int chunks = channels / Numbers<Stored>::count;
    const long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    pixel = index / chunks;
    channel = (int)(index % chunks) * Numbers<Stored>::count;
    isThere = pixel < pixels;
  }
};

__device__ __forceinline__ Numbers<Stored> numbers(const Stored *address) {
  return Numbers<Stored>(*reinterpret_cast<const Chunk *>(address));
}

__device__ __forceinline__ void write(const Numbers<Stored> &numbers, Stored *address) {
  *reinterpret_cast<Chunk *>(address) = numbers.chunk();
}

/// [N, C, H, W] in float32 to a feature map whose channels are padded with zeros.
KERNEL readImages(
    const float *source, Stored *destination, int images, int area, int channels, int pitch) {
  const Place place((long long)images * area, pitch);
  if (!place.isThere) return;
  const long long image = place.pixel / area;
  const long long pixel = place.pixel % area;
  Numbers<Stored> result;
#pragma unroll
  for (int i = 0; i < Numbers<Stored>::count; ++i) {
    const int channel = place.channel + i;
    result.values[i] = channel < channels ? source[(image * channels + channel) * area + pixel] : 0;
  }
  write(result, destination + place.pixel * pitch + place.channel);
}

/// Some channels of a feature map to [N, C, H, W] in float32, of `total` channels from `first` on; a thread a
/// number.
KERNEL writeMap(
    const Stored *source, float *destination, int images, int area, int channels, int pitch,
    int first, int total) {
  const long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= (long long)images * area * channels) return;
  const long long pixel = index % area;
  const int channel = (int)(index / area % channels);
  const long long image = index / area / channels;
  destination[(image * total + first + channel) * area + pixel] =
      widened(source[(image * area + pixel) * pitch + channel]);
}

KERNEL maxPool(
    const Stored *source, Stored *destination, int images, int channels, int sourceHeight,
    int sourceWidth, int height, int width, int window, int sourcePitch, int destinationPitch) {
  const Place place((long long)images * height * width, channels);
  if (!place.isThere) return;
  const int x = (int)(place.pixel % width) * window;
  const int y = (int)(place.pixel / width % height) * window;
  const long long image = place.pixel / width / height;
  const Stored *first = source +
      ((image * sourceHeight + y) * sourceWidth + x) * sourcePitch + place.channel;
  Numbers<Stored> result = numbers(first);
  for (int i = 1; i < window * window; ++i) {
    const Numbers<Stored> other =
        numbers(first + ((long long)(i / window) * sourceWidth + i % window) * sourcePitch);
#pragma unroll
    for (int k = 0; k < Numbers<Stored>::count; ++k) {
      result.values[k] = larger(result.values[k], other.values[k]);
    }
  }
  write(result, destination + place.pixel * destinationPitch + place.channel);
}

/// The mean of 3×3 pixels; those beyond the border are zeros that count.
KERNEL averagePool3x3(
    const Stored *source, Stored *destination, int images, int channels, int sourceHeight,
    int sourceWidth, int height, int width, int stride, int sourcePitch, int destinationPitch) {
  const Place place((long long)images * height * width, channels);
  if (!place.isThere) return;
  const int x = (int)(place.pixel % width) * stride;
  const int y = (int)(place.pixel / width % height) * stride;
  const long long image = place.pixel / width / height;
  Numbers<Stored> result;
#pragma unroll
  for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] = 0;
  for (int i = 0; i < 9; ++i) {
    const int fromY = y + i / 3 - 1;
    const int fromX = x + i % 3 - 1;
    if ((unsigned)fromY >= (unsigned)sourceHeight) continue;
    if ((unsigned)fromX >= (unsigned)sourceWidth) continue;
    const Numbers<Stored> element = numbers(
        source + ((image * sourceHeight + fromY) * sourceWidth + fromX) * sourcePitch +
        place.channel);
#pragma unroll
    for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] += element.values[k];
  }
#pragma unroll
  for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] *= 1.0f / 9;
  write(result, destination + place.pixel * destinationPitch + place.channel);
}

/// The mean over all pixels of an image; a "pixel" of the destination is an image.
KERNEL globalAverage(
    const Stored *source, Stored *destination, int images, int channels, int area, int sourcePitch,
    int destinationPitch) {
  const Place place(images, channels);
  if (!place.isThere) return;
  const Stored *pixel = source + place.pixel * area * sourcePitch + place.channel;
  Numbers<Stored> result;
#pragma unroll
  for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] = 0;
#pragma unroll 8
  for (int i = 0; i < area; ++i) {
    const Numbers<Stored> next = numbers(pixel + (long long)i * sourcePitch);
#pragma unroll
    for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] += next.values[k];
  }
#pragma unroll
  for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] /= area;
  write(result, destination + place.pixel * destinationPitch + place.channel);
}

KERNEL add(
    const Stored *source, const Stored *other, Stored *destination, int pixels, int channels,
    int sourcePitch, int otherPitch, int destinationPitch) {
  const Place place(pixels, channels);
  if (!place.isThere) return;
  Numbers<Stored> result = numbers(source + place.pixel * sourcePitch + place.channel);
  const Numbers<Stored> added = numbers(other + place.pixel * otherPitch + place.channel);
#pragma unroll
  for (int k = 0; k < Numbers<Stored>::count; ++k) result.values[k] += added.values[k];
  write(result, destination + place.pixel * destinationPitch + place.channel);
}
