#define STORED float
#define ARITHMETIC Matrix<TF32Product>
#include "Kernels.hpp"
