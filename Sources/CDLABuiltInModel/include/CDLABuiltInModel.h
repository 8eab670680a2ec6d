// The bytes of the model that is part of the program, from the first to one past the last.
#pragma once

extern const unsigned char dla_builtin_model[];
extern const unsigned char dla_builtin_model_end[];

static inline const void *dla_builtin_model_begin_address(void) { return dla_builtin_model; }
static inline const void *dla_builtin_model_end_address(void) { return dla_builtin_model_end; }
