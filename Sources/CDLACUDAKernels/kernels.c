#include "CDLACUDAKernels.h"

static const char elements[] = {
#embed "Elements.cu" suffix(, 0)
};
static const char instructions[] = {
#embed "Instructions.cu" suffix(, 0)
};
static const char numbers[] = {
#embed "Numbers.cu" suffix(, 0)
};
static const char convolution[] = {
#embed "Convolution.cu" suffix(, 0)
};
static const char grouped_convolution[] = {
#embed "GroupedConvolution.cu" suffix(, 0)
};
static const char feature_maps[] = {
#embed "FeatureMaps.cu" suffix(, 0)
};

static const struct dla_cuda_source sources[dla_cuda_source_count] = {
    {"Elements", elements},
    {"Instructions", instructions},
    {"Numbers", numbers},
    {"Convolution", convolution},
    {"GroupedConvolution", grouped_convolution},
    {"FeatureMaps", feature_maps},
};

struct dla_cuda_source dla_cuda_source_at(int index) { return sources[index]; }
