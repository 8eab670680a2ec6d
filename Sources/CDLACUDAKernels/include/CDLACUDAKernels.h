// The source of the GPU's kernels as text in the program: NVRTC compiles it when it is first needed.
#pragma once

struct dla_cuda_source {
  // Without ".cu".
  const char *name;
  // UTF-8, ends with a zero byte.
  const char *text;
};

enum { dla_cuda_source_count = 6 };

// Each file depends only on those before it.
struct dla_cuda_source dla_cuda_source_at(int index);
