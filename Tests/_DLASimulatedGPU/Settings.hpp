// The settings of the simulated device.
#pragma once

#include <cstdlib>
#include <cstring>

/// A number of DLA_SIMULATED_GPU, as `name=number` parted by commas.
inline long long setting(const char *name, long long usual) {
  const char *text = getenv("DLA_SIMULATED_GPU");
  const size_t length = strlen(name);
  while (text && *text) {
    if (strncmp(text, name, length) == 0 && text[length] == '=') return atoll(text + length + 1);
    text = strchr(text, ',');
    if (text) ++text;
  }
  return usual;
}
