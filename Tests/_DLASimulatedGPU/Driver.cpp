// The CUDA driver's functions that DLACUDA uses: devices and memory. Codes and signatures are those of
// its public interface.
#include <cstdio>

#include "Device.hpp"

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

// MARK: - Errors

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
