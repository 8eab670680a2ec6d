#pragma once

#include <stdbool.h>
#include <stdint.h>

// Immutable values, or pointers whose memory the caller hands to one kernel at a time.
#define DLA_SENDABLE __attribute__((swift_attr("@Sendable")))

// lowerBound..<upperBound.
typedef struct DLA_SENDABLE {
  intptr_t lowerBound;
  intptr_t upperBound;
} IndexRange;

#pragma clang assume_nonnull begin

// Pixels of one image of one channel block, from pixel (0, 0), to read.
typedef struct {
  const float *base;
  // From one row to the next, and from one pixel to the next.
  intptr_t row;
  intptr_t pixel;
} SourceRows;

// The same to write.
typedef struct {
  float *base;
  intptr_t row;
  intptr_t pixel;
} DestinationRows;

#pragma clang assume_nonnull end
