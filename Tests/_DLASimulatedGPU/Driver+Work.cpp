// The CUDA driver's functions that DLACUDA uses: kernels, streams, graphs and events.
#include <chrono>

#include "Device.hpp"

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
