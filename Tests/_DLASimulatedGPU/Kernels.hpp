// The kernels as one program, for STORED and ARITHMETIC.
#include "Simulation.hpp"

namespace {

#include "Elements.cu"

#include "Instructions.hpp"

#include "Numbers.cu"

#include "Convolution.cu"
#include "GroupedConvolution.cu"
#include "FeatureMaps.cu"

#define REGISTERED(name) simulation::Start<name>::kernel(#name),
#define REGISTERED_TILE(pixels, channels, down, across)                                            \
  REGISTERED(convolve_##pixels##x##channels)

constexpr simulation::Kernel kernels[] = {
    CONVOLUTION_TILES(REGISTERED_TILE) REGISTERED(convolveGroups_1) REGISTERED(convolveGroups_2)
    REGISTERED(readImages) REGISTERED(writeMap) REGISTERED(maxPool) REGISTERED(averagePool3x3)
    REGISTERED(globalAverage) REGISTERED(add)};

#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)

simulation::Program program = {
    TEXT(STORED), TEXT(ARITHMETIC), kernels, sizeof(kernels) / sizeof(kernels[0]), nullptr};
const simulation::Registration registration(program);

}  // namespace
