#define STORED Half
#define ARITHMETIC Matrix<HalfProduct>
#include "Kernels.hpp"
