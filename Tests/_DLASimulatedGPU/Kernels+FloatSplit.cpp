#define STORED float
#define ARITHMETIC Matrix<SplitProduct>
#include "Kernels.hpp"
