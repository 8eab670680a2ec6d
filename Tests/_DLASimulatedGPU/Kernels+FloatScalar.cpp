#define STORED float
#define ARITHMETIC Scalar<Stored>
#include "Kernels.hpp"
