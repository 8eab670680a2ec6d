#define STORED BFloat16
#define ARITHMETIC Matrix<BFloat16Product>
#include "Kernels.hpp"
