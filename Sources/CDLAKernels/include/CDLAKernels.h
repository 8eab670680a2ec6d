// The interface between the engine and its kernels, which are compiled once per instruction set.
//
// The engine imports these declarations and no module of kernels: the functions at the end are found
// by the linker, so kernels and everything above them compile at the same time.
//
// Feature maps are channel blocks of sixteen channels, [C/16][N][H][W][16]. All distances are in floats.
#pragma once

#include "Convolution.h"
#include "Elementwise.h"
#include "Training.h"
#include "Winograd.h"

#pragma clang assume_nonnull begin

// The kernels of one instruction set. Each works on one image of one channel block, unless its call
// says otherwise, and accesses nothing but the memory that its pointers describe.
typedef struct DLA_SENDABLE {
  // Floats of a vector: 8 or 16.
  intptr_t lanes;
  // Output pixels that a convolution holds in registers; rows are split evenly into at most these.
  intptr_t columns;

  void (*convolve)(DirectConvolution, ConvolutionCall);
  void (*convolveGrouped)(GroupedConvolution, GroupedConvolutionCall);

  void (*winogradInput)(WinogradInputCall);
  void (*winogradProducts)(WinogradProductCall);
  void (*winogradOutput)(WinogradOutputCall);
  void (*winograd1DInput)(Winograd1DInputCall);
  void (*winograd1DOutput)(Winograd1DOutputCall);

  // The maximum of each window×window square, from the first pixel of a channel block.
  void (*maxPool)(RowGeometry, intptr_t window, const float *source, float *destination, IndexRange rows);
  // The mean of 3×3 squares; source is the element above and left of pixel (0, 0).
  void (*averagePool3x3)(
      RowGeometry, intptr_t stride, const float *source, float *destination, IndexRange rows);
  // The mean of rows×width pixels, sixteen channels.
  void (*globalAverage)(RowGeometry, intptr_t rows, const float *source, float *destination);
  // destination = source + other; rows of other are otherRow floats apart.
  void (*add)(
      RowGeometry, const float *source, const float *other, intptr_t otherRow, float *destination,
      IndexRange rows);

  void (*batchNormSums)(BatchNormSumsCall);
  void (*batchNorm)(BatchNormCall);
  void (*batchNormGradientSums)(BatchNormGradientSumsCall);
  void (*batchNormGradient)(BatchNormGradientCall);
  void (*weightGradient)(WeightGradientCall);
  void (*groupedWeightGradient)(GroupedWeightGradientCall);
  void (*maxPoolGradient)(MaxPoolGradientCall);
  void (*winogradWeights)(WinogradWeightsCall);
  void (*winogradGradient)(WinogradGradientCall);
  void (*winogradWeightGradient)(WinogradWeightGradientCall);
  void (*transpose)(TransposeCall);
} KernelTable;

#pragma clang assume_nonnull end

// Defined by the modules DLAKernels, DLAKernelsAVX2 and DLAKernelsAVX512, the latter two on x86-64
// only; call one only where its instructions exist.
KernelTable dla_kernels_portable(void);
KernelTable dla_kernels_avx2(void);
KernelTable dla_kernels_avx512(void);
