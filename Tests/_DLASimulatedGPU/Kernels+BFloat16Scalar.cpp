#define STORED BFloat16
#define ARITHMETIC Scalar<Stored>
#include "Kernels.hpp"
