#pragma once

#include "Base.h"

// Distances between neighbouring output pixels and between their source pixels.
typedef enum __attribute__((enum_extensibility(closed))) : int32_t {
  // NCHW images: one float in the source, sixteen in the output.
  PixelStepNchw,
  // Channel blocks, stride 1: sixteen floats.
  PixelStepBlocked,
  // Channel blocks, stride 2: thirty-two floats in the source.
  PixelStepBlockedStride2,
  // Input gradients of a stride of 2: thirty-two floats in the output.
  PixelStepBlockedToStride2,
} PixelStep;

// The geometry of a convolution that reads its source in place.
//
// In a row of the kernel the elements that one output pixel reads are consecutive floats: kernel
// width × 16 channels of a channel block, or as many pixels of an NCHW image. Each is multiplied by a
// vector of output channels.
typedef struct DLA_SENDABLE {
  PixelStep pixelStep;
  // Source channel blocks that one output pixel reads.
  intptr_t sourceChannelBlocks;
  intptr_t kernelRows;
  // Kernel elements of a row: kernel width × channels of a pixel.
  intptr_t kernelElements;
  // Source rows per output row.
  intptr_t stride;
  intptr_t sourceRow;
  intptr_t destinationRow;
  intptr_t shortcutRow;
  bool relu;
} DirectConvolution;

#pragma clang assume_nonnull begin

// A rectangle of output pixels of one group of output channels.
typedef struct {
  // The first kernel element of output pixel (0, 0) of channel block i lies at source + channelBlocks[i].
  const float *source;
  const intptr_t *channelBlocks;
  // In the order they are read: [channel block][kernel row][kernel element][channel of the group].
  const float *weights;
  // One value for each channel of the group.
  const float *bias;
  // The group's first vector of output pixel (0, 0), and the distance to its second vector.
  float *destination;
  intptr_t destinationVector;
  // Added before the ReLU, addressed as the destination is.
  const float *_Nullable shortcut;
  intptr_t shortcutVector;
  // Vectors of output channels: 1 or 2.
  intptr_t vectors;
  IndexRange rows;
  IndexRange columns;
} ConvolutionCall;

// The geometry of a grouped 3×3 convolution.
typedef struct DLA_SENDABLE {
  // Channels of a group: 2, 4 or 8.
  intptr_t groupWidth;
  // 1 or 2.
  intptr_t stride;
  intptr_t sourceRow;
  intptr_t destinationRow;
  bool relu;
} GroupedConvolution;

// Some rows of one vector of channels.
typedef struct {
  // The vector of channels at the first kernel element of output pixel (0, 0).
  const float *source;
  // [kernel row][kernel column][mask][lane]; lane l is the weight from input l to output l ^ mask.
  const float *weights;
  const float *bias;
  float *destination;
  IndexRange rows;
  intptr_t width;
} GroupedConvolutionCall;

#pragma clang assume_nonnull end
