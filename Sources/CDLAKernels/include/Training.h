#pragma once

#include "Base.h"

#pragma clang assume_nonnull begin

// Adds to sixteen sums of (value - pivot) and sixteen of its square.
typedef struct {
  SourceRows source;
  // Near the means, so that squares do not cancel.
  const float *pivot;
  intptr_t rows;
  intptr_t width;
  double *sums;
} BatchNormSumsCall;

// destination = value · scale + shift [+ shortcut], [not below 0].
typedef struct {
  SourceRows source;
  const float *scale;
  const float *shift;
  const float *_Nullable shortcut;
  intptr_t shortcutRow;
  DestinationRows destination;
  bool relu;
  intptr_t rows;
  intptr_t width;
} BatchNormCall;

typedef enum __attribute__((enum_extensibility(closed))) : int32_t {
  // There is no ReLU.
  ReLUMaskKindNone,
  // No gradient passes where the output is 0.
  ReLUMaskKindOutput,
  // The output was max(0, value · scale + shift), so the value tells.
  ReLUMaskKindValues,
} ReLUMaskKind;

// The outputs that a ReLU after the batch norm has set to zero.
typedef struct {
  ReLUMaskKind kind;
  // For `output`.
  const float *_Null_unspecified output;
  intptr_t outputRow;
  // For `values`.
  const float *_Null_unspecified scale;
  const float *_Null_unspecified shift;
} ReLUMask;

// Adds to sixteen sums of gradients and sixteen of gradients · (value - mean).
typedef struct {
  SourceRows gradient;
  ReLUMask relu;
  SourceRows value;
  const float *mean;
  intptr_t rows;
  intptr_t width;
  double *sums;
} BatchNormGradientSumsCall;

// destination = a · gradient + b · value + c; the shortcut gets the gradient itself.
typedef struct {
  SourceRows gradient;
  ReLUMask relu;
  SourceRows value;
  // Sixteen of a, then of b, then of c.
  const float *factors;
  // Where the convolution before the batch norm reads gradients; may be `gradient` itself.
  DestinationRows destination;
  float *_Nullable shortcut;
  intptr_t shortcutRow;
  // True if the shortcut's gradient is added to the present values.
  bool addsToShortcut;
  intptr_t rows;
  intptr_t width;
} BatchNormGradientCall;

// Pixels of some images whose inputs and gradients are multiplied and summed.
typedef struct {
  // The first element that the first pixel reads.
  SourceRows input;
  SourceRows gradient;
  // At least 1, as are the width and the number of images.
  intptr_t rows;
  intptr_t width;
  // Images, and the distances between them.
  intptr_t images;
  intptr_t inputImage;
  intptr_t gradientImage;
} WeightGradientPixels;

// For consecutive floats of the input at each pixel, their products with one or two vectors of
// gradients, summed over pixels and added to `sums`.
typedef struct {
  WeightGradientPixels pixels;
  // From the first vector of gradients to the second.
  intptr_t gradientVector;
  // Consecutive floats: input channels of a channel block, or kernel elements of an NCHW image.
  intptr_t columns;
  // Vectors of gradients: 1 or 2.
  intptr_t vectors;
  // [columns][16] for the first channel block and, where the second vector belongs to another, for that.
  float *sums;
} WeightGradientCall;

// For three vectors of the input at each pixel, their products with a vector of gradients whose lanes
// are permuted, summed over pixels and added to `sums`.
typedef struct {
  // Input vectors are sixteen floats apart.
  WeightGradientPixels pixels;
  // Lane l of an input meets lane l ^ mask of the gradient, for masks from 0: 4, 8 or 16, not more
  // than a vector has lanes.
  intptr_t masks;
  // [3][masks][lane].
  float *sums;
} GroupedWeightGradientCall;

// The first pixel of each square that equals the square's maximum gets its gradient, others 0.
typedef struct {
  SourceRows gradient;
  SourceRows output;
  SourceRows input;
  DestinationRows destination;
  bool adds;
  intptr_t window;
  // Rows and columns of the gradient.
  intptr_t rows;
  intptr_t width;
} MaxPoolGradientCall;

#pragma clang assume_nonnull end
