#pragma once

#include "Base.h"

// The geometry of an operation on rows of one image of one channel block.
typedef struct DLA_SENDABLE {
  intptr_t sourceRow;
  intptr_t destinationRow;
  // Output columns.
  intptr_t width;
} RowGeometry;

#pragma clang assume_nonnull begin

// A matrix whose columns are written as rows.
typedef struct {
  const float *source;
  // From one row of the source to the next.
  intptr_t sourceRow;
  intptr_t rows;
  intptr_t columns;
  float *destination;
  // From one row of the destination, a column of the source, to the next.
  intptr_t destinationRow;
} TransposeCall;

#pragma clang assume_nonnull end
