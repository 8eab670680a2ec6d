// The state of the simulated device.
#pragma once

#include <cstdint>
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

namespace driver {

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

inline std::recursive_mutex lock;
inline bool isInitialized = false;
inline Context contexts[mostDevices];
inline thread_local Context *currentContext = nullptr;
inline std::map<Address, std::unique_ptr<GuardedMemory>> memory;
inline size_t memoryUsed = 0;
inline long long launches = 0;
/// The stream of calls that name none.
inline Stream legacy;
inline bool isLost = false;

inline size_t memoryBytes() { return (size_t)setting("memory", 64ll << 30); }
inline int deviceCount() { return (int)setting("devices", 1); }

/// The checks at the start of every call that needs a device.
inline Result check() {
  if (!isInitialized) return notInitialized;
  if (!currentContext) return invalidContext;
  return isLost ? launchFailed : success;
}

#define ENTER                                         \
  std::lock_guard<std::recursive_mutex> guard(lock);  \
  if (Result result = check()) return result

inline void finish(Stream &stream) {
  std::vector<Work> work;
  work.swap(stream.work);
  for (const Work &next : work) next();
}

inline bool isInside(Address address, size_t bytes) {
  auto after = memory.upper_bound(address);
  if (after == memory.begin()) return false;
  const auto &allocation = *std::prev(after);
  return address + bytes <= allocation.first + allocation.second->bytes;
}

inline Result enqueue(Stream *stream, Work work) {
  if (!stream) return invalidHandle;
  stream->work.push_back(std::move(work));
  return success;
}

}  // namespace driver

using namespace driver;

#define EXPORT extern "C" __attribute__((visibility("default")))
