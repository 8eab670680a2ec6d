// Memory that ends where a page begins that no one may touch.
#pragma once

#include <cstring>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

struct GuardedMemory {
  void *address;
  size_t bytes;

  /// Rounds up to sixteen bytes, to which the beginning is aligned.
  explicit GuardedMemory(size_t wanted) : bytes((wanted + 15) / 16 * 16) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t whole = (bytes + page - 1) / page * page;
    mapped = whole + page;
    base = static_cast<char *>(
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED) throw std::bad_alloc();
    mprotect(base + whole, page, PROT_NONE);
    address = base + whole - bytes;
  }
  ~GuardedMemory() { munmap(base, mapped); }
  GuardedMemory(const GuardedMemory &) = delete;
  GuardedMemory &operator=(const GuardedMemory &) = delete;

  /// NaN in every type of numbers.
  void poison() { memset(address, 0xff, bytes); }

 private:
  char *base;
  size_t mapped;
};
