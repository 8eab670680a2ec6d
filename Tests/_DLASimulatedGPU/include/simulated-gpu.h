// A GPU for tests where there is none: functions of the CUDA driver and of NVRTC under their own
// names, that run the project's kernels, compiled for the host, with the rules of a device held
// strictly. What it does is in README.md.
#pragma once
