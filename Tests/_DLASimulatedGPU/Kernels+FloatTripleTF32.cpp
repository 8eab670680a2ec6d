#define STORED float
#define ARITHMETIC Matrix<TripleTF32Product>
#include "Kernels.hpp"
