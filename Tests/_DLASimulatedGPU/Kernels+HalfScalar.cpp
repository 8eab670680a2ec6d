#define STORED Half
#define ARITHMETIC Scalar<Stored>
#include "Kernels.hpp"
