// NVRTC's functions that DLACUDA uses: a "compiled" program says which of the registered ones it is.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "Settings.hpp"

namespace {
struct Program {
  std::string source;
  std::string image;
  std::string log;
};
const int compilationError = 6;
}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int nvrtcVersion(int *major, int *minor) {
  const int version = (int)setting("nvrtc", 12090);
  *major = version / 1000;
  *minor = version % 1000 / 10;
  return 0;
}

EXPORT int nvrtcCreateProgram(
    Program **program, const char *source, const char *, int, const char *const *,
    const char *const *) {
  *program = new Program{source, "", ""};
  return 0;
}

EXPORT int nvrtcDestroyProgram(Program **program) {
  delete *program;
  *program = nullptr;
  return 0;
}

EXPORT int nvrtcCompileProgram(Program *program, int count, const char *const *options) {
  std::string stored, arithmetic;
  bool hasArchitecture = false;
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.rfind("-DSTORED=", 0) == 0) stored = option.substr(9);
    if (option.rfind("-DARITHMETIC=", 0) == 0) arithmetic = option.substr(13);
    hasArchitecture |= option.rfind("--gpu-architecture=sm_", 0) == 0;
  }
  if (stored.empty() || arithmetic.empty() || !hasArchitecture ||
      program->source.find("MARK: - The kernel") == std::string::npos) {
    program->log = "simulated: not the project's kernels\n";
    return compilationError;
  }
  program->image = "\x7f" "ELF simulated " + stored + " " + arithmetic;
  return 0;
}

EXPORT int nvrtcGetProgramLogSize(Program *program, size_t *bytes) {
  *bytes = program->log.size() + 1;
  return 0;
}

EXPORT int nvrtcGetProgramLog(Program *program, char *log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return 0;
}

EXPORT int nvrtcGetCUBINSize(Program *program, size_t *bytes) {
  *bytes = program->image.size() + 1;
  return 0;
}

EXPORT int nvrtcGetCUBIN(Program *program, char *image) {
  memcpy(image, program->image.c_str(), program->image.size() + 1);
  return 0;
}

/// The supported architectures, from the oldest that a test requests.
static std::vector<int> supported() {
  std::vector<int> result;
  for (int architecture : {70, 75, 80, 86, 89, 90}) {
    if (architecture >= setting("oldest", 70)) result.push_back(architecture);
  }
  return result;
}

EXPORT int nvrtcGetNumSupportedArchs(int *count) {
  *count = (int)supported().size();
  return 0;
}

EXPORT int nvrtcGetSupportedArchs(int *architectures) {
  const std::vector<int> all = supported();
  std::copy(all.begin(), all.end(), architectures);
  return 0;
}
