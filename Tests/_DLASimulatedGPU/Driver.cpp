// The CUDA driver's functions that DLACUDA uses. Codes and signatures are those of its public
// interface.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "GuardedMemory.hpp"
#include "Settings.hpp"
#include "Simulation.hpp"

typedef int Result;
typedef uint64_t Address;
typedef int Device;

namespace {

enum : Result {
  success = 0,
  invalidValue = 1,
  outOfMemory = 2,
  notInitialized = 3,
  noDevice = 100,
  invalidDevice = 101,
  invalidImage = 200,
  invalidContext = 201,
  invalidHandle = 400,
  notFound = 500,
  notReady = 600,
  launchOutOfResources = 701,
  launchFailed = 719,
  captureUnsupported = 900,
};

struct Context {
  Device device;
};

struct Module {
  const simulation::Program *program;
};

struct Function {
  const simulation::Kernel *kernel;
  size_t sharedBytes;
};

typedef std::function<void()> Work;

struct Graph {
  std::vector<Work> work;
};

struct Stream {
  std::vector<Work> work;
  bool isCapturing;
};

struct Event {
  double milliseconds;
  bool isRecorded;
};

const int mostDevices = 8;
const size_t defaultSharedBytes = 48 << 10;
const size_t mostSharedBytes = 227 << 10;
const int mostThreads = 1024;
const int multiprocessors = 132;

std::recursive_mutex lock;
bool isInitialized = false;
Context contexts[mostDevices];
thread_local Context *currentContext = nullptr;
std::map<Address, std::unique_ptr<GuardedMemory>> memory;
size_t memoryUsed = 0;
long long launches = 0;
/// What calls without a stream put their work into.
Stream legacy;
bool isLost = false;

size_t memoryBytes() { return (size_t)setting("memory", 64ll << 30); }
int deviceCount() { return (int)setting("devices", 1); }

/// What every call that needs a device begins with.
Result check() {
  if (!isInitialized) return notInitialized;
  if (!currentContext) return invalidContext;
  return isLost ? launchFailed : success;
}

#define ENTER                                         \
  std::lock_guard<std::recursive_mutex> guard(lock);  \
  if (Result result = check()) return result

void finish(Stream &stream) {
  std::vector<Work> work;
  work.swap(stream.work);
  for (const Work &next : work) next();
}

bool isInside(Address address, size_t bytes) {
  auto after = memory.upper_bound(address);
  if (after == memory.begin()) return false;
  const auto &allocation = *std::prev(after);
  return address + bytes <= allocation.first + allocation.second->bytes;
}

Result enqueue(Stream *stream, Work work) {
  if (!stream) return invalidHandle;
  stream->work.push_back(std::move(work));
  return success;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

// MARK: - Devices

EXPORT Result cuInit(unsigned) {
  if (deviceCount() == 0) return noDevice;
  isInitialized = true;
  return success;
}

EXPORT Result cuDriverGetVersion(int *version) {
  *version = (int)setting("driver", 12090);
  return success;
}

EXPORT Result cuDeviceGetCount(int *count) {
  if (!isInitialized) return notInitialized;
  *count = deviceCount();
  return success;
}

EXPORT Result cuDeviceGet(Device *device, int ordinal) {
  if (!isInitialized) return notInitialized;
  if (ordinal < 0 || ordinal >= deviceCount() || ordinal >= mostDevices) return invalidDevice;
  *device = ordinal;
  return success;
}

EXPORT Result cuDeviceGetName(char *name, int length, Device) {
  snprintf(name, (size_t)length, "Simulated GPU");
  return success;
}

EXPORT Result cuDeviceTotalMem_v2(size_t *bytes, Device) {
  *bytes = memoryBytes();
  return success;
}

EXPORT Result cuDeviceGetAttribute(int *value, int attribute, Device) {
  const int capability = (int)setting("capability", 90);
  switch (attribute) {
    case 16: *value = multiprocessors; return success;
    case 75: *value = capability / 10; return success;
    case 76: *value = capability % 10; return success;
    case 97: *value = (int)mostSharedBytes; return success;
    default: return invalidValue;
  }
}

EXPORT Result cuDevicePrimaryCtxRetain(Context **context, Device device) {
  if (!isInitialized) return notInitialized;
  contexts[device].device = device;
  *context = &contexts[device];
  return success;
}

EXPORT Result cuDevicePrimaryCtxRelease_v2(Device) { return success; }

EXPORT Result cuCtxSetCurrent(Context *context) {
  currentContext = context;
  return success;
}

// MARK: - Memory

EXPORT Result cuMemAlloc_v2(Address *address, size_t bytes) {
  ENTER;
  if (bytes == 0) return invalidValue;
  if (memoryUsed + bytes > memoryBytes()) return outOfMemory;
  auto allocation = std::make_unique<GuardedMemory>(bytes);
  allocation->poison();
  memoryUsed += allocation->bytes;
  *address = reinterpret_cast<Address>(allocation->address);
  memory[*address] = std::move(allocation);
  return success;
}

EXPORT Result cuMemFree_v2(Address address) {
  ENTER;
  auto found = memory.find(address);
  if (found == memory.end()) return invalidValue;
  memoryUsed -= found->second->bytes;
  memory.erase(found);
  return success;
}

EXPORT Result cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER;
  *total = memoryBytes();
  *free = *total - memoryUsed;
  return success;
}

EXPORT Result cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  ENTER;
  *address = malloc(bytes);
  memset(*address, 0xff, bytes);
  return *address ? success : outOfMemory;
}

EXPORT Result cuMemFreeHost(void *address) {
  ENTER;
  free(address);
  return success;
}

EXPORT Result cuMemcpyHtoD_v2(Address destination, const void *source, size_t bytes) {
  ENTER;
  if (!isInside(destination, bytes)) return invalidValue;
  // Staged at once, there when somebody waits for it.
  const auto staged = std::make_shared<std::vector<char>>(
      static_cast<const char *>(source), static_cast<const char *>(source) + bytes);
  return enqueue(
      &legacy, [=] { memcpy(reinterpret_cast<void *>(destination), staged->data(), bytes); });
}

EXPORT Result cuMemcpyHtoDAsync_v2(
    Address destination, const void *source, size_t bytes, Stream *stream) {
  ENTER;
  if (!isInside(destination, bytes)) return invalidValue;
  return enqueue(stream, [=] { memcpy(reinterpret_cast<void *>(destination), source, bytes); });
}

EXPORT Result cuMemcpyDtoHAsync_v2(
    void *destination, Address source, size_t bytes, Stream *stream) {
  ENTER;
  if (!isInside(source, bytes)) return invalidValue;
  return enqueue(stream, [=] { memcpy(destination, reinterpret_cast<void *>(source), bytes); });
}

EXPORT Result cuMemsetD8_v2(Address destination, unsigned char value, size_t bytes) {
  ENTER;
  if (!isInside(destination, bytes)) return invalidValue;
  return enqueue(
      &legacy, [=] { memset(reinterpret_cast<void *>(destination), value, bytes); });
}

// MARK: - Kernels

EXPORT Result cuModuleLoadData(Module **module, const void *image) {
  ENTER;
  const std::string text = static_cast<const char *>(image);
  for (simulation::Program *program = simulation::programs; program; program = program->next) {
    if (text == std::string("\x7f" "ELF simulated ") + program->stored + " " + program->arithmetic) {
      *module = new Module{program};
      return success;
    }
  }
  return invalidImage;
}

EXPORT Result cuModuleUnload(Module *module) {
  ENTER;
  delete module;
  return success;
}

EXPORT Result cuModuleGetFunction(Function **function, Module *module, const char *name) {
  ENTER;
  for (size_t i = 0; i < module->program->count; ++i) {
    const simulation::Kernel *kernel = &module->program->kernels[i];
    if (strcmp(kernel->name, name) != 0) continue;
    *function = new Function{kernel, defaultSharedBytes};
    return success;
  }
  return notFound;
}

EXPORT Result cuFuncSetAttribute(Function *function, int attribute, int value) {
  ENTER;
  if (attribute != 8 || value < 0 || (size_t)value > mostSharedBytes) return invalidValue;
  function->sharedBytes = (size_t)value;
  return success;
}

EXPORT Result cuLaunchKernel(
    Function *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
    unsigned blockY, unsigned blockZ, unsigned sharedBytes, Stream *stream, void **arguments,
    void **) {
  ENTER;
  launches += 1;
  if (launches == setting("lost", 0)) {
    isLost = true;
    return launchFailed;
  }
  if (gridX == 0 || gridY == 0 || gridZ == 0 || gridY > 65535 || gridZ > 65535) {
    return invalidValue;
  }
  if (blockX == 0 || blockY != 1 || blockZ != 1 || blockX > mostThreads) return invalidValue;
  if (sharedBytes > function->sharedBytes) return launchOutOfResources;
  auto values = std::make_shared<std::vector<std::vector<char>>>();
  for (size_t i = 0; i < function->kernel->argumentCount; ++i) {
    const char *first = static_cast<const char *>(arguments[i]);
    values->emplace_back(first, first + function->kernel->argumentSizes[i]);
  }
  const simulation::Kernel *const kernel = function->kernel;
  return enqueue(stream, [=] {
    std::vector<void *> addresses;
    for (std::vector<char> &value : *values) addresses.push_back(value.data());
    simulation::run(kernel->start, addresses.data(), {gridX, gridY, gridZ}, blockX, sharedBytes);
  });
}

// MARK: - Streams, events, graphs

EXPORT Result cuStreamCreate(Stream **stream, unsigned) {
  ENTER;
  *stream = new Stream{{}, false};
  return success;
}

EXPORT Result cuStreamDestroy_v2(Stream *stream) {
  ENTER;
  finish(*stream);
  delete stream;
  return success;
}

EXPORT Result cuStreamSynchronize(Stream *stream) {
  ENTER;
  if (!stream) stream = &legacy;
  if (stream->isCapturing) return captureUnsupported;
  finish(*stream);
  return success;
}

EXPORT Result cuStreamBeginCapture_v2(Stream *stream, int) {
  ENTER;
  finish(*stream);
  stream->isCapturing = true;
  return success;
}

EXPORT Result cuStreamEndCapture(Stream *stream, Graph **graph) {
  ENTER;
  if (!stream->isCapturing) return invalidValue;
  *graph = new Graph{std::move(stream->work)};
  stream->work.clear();
  stream->isCapturing = false;
  return success;
}

EXPORT Result cuGraphInstantiateWithFlags(Graph **executable, Graph *graph, unsigned long long) {
  ENTER;
  *executable = new Graph{graph->work};
  return success;
}

EXPORT Result cuGraphDestroy(Graph *graph) {
  ENTER;
  delete graph;
  return success;
}

EXPORT Result cuGraphExecDestroy(Graph *graph) {
  ENTER;
  delete graph;
  return success;
}

EXPORT Result cuGraphLaunch(Graph *graph, Stream *stream) {
  ENTER;
  for (const Work &work : graph->work) stream->work.push_back(work);
  return success;
}

EXPORT Result cuEventCreate(Event **event, unsigned) {
  ENTER;
  *event = new Event{0, false};
  return success;
}

EXPORT Result cuEventDestroy_v2(Event *event) {
  ENTER;
  delete event;
  return success;
}

EXPORT Result cuEventRecord(Event *event, Stream *stream) {
  ENTER;
  return enqueue(stream, [=] {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    event->milliseconds = std::chrono::duration<double, std::milli>(now).count();
    event->isRecorded = true;
  });
}

EXPORT Result cuEventElapsedTime(float *milliseconds, Event *start, Event *end) {
  ENTER;
  if (!start->isRecorded || !end->isRecorded) return notReady;
  *milliseconds = (float)(end->milliseconds - start->milliseconds);
  return success;
}

EXPORT Result cuGetErrorName(Result result, const char **name) {
  static const std::map<Result, const char *> names = {
      {invalidValue, "CUDA_ERROR_INVALID_VALUE"},
      {outOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {notInitialized, "CUDA_ERROR_NOT_INITIALIZED"},
      {noDevice, "CUDA_ERROR_NO_DEVICE"},
      {invalidDevice, "CUDA_ERROR_INVALID_DEVICE"},
      {invalidImage, "CUDA_ERROR_INVALID_IMAGE"},
      {invalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
      {invalidHandle, "CUDA_ERROR_INVALID_HANDLE"},
      {notFound, "CUDA_ERROR_NOT_FOUND"},
      {notReady, "CUDA_ERROR_NOT_READY"},
      {launchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
      {launchFailed, "CUDA_ERROR_LAUNCH_FAILED"},
      {captureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
  };
  const auto found = names.find(result);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? invalidValue : success;
}
