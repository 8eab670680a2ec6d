// The bytes of the files that are part of the program, from the first to one past the last.
#pragma once

// The model: safetensors.
extern const unsigned char dla_builtin_model[];
extern const unsigned char dla_builtin_model_end[];

static inline const void *dla_builtin_model_begin_address(void) { return dla_builtin_model; }
static inline const void *dla_builtin_model_end_address(void) { return dla_builtin_model_end; }

// ImageNet's classes in order: ASCII text, one "synset name, name" a line.
extern const unsigned char dla_imagenet_classes[];
extern const unsigned char dla_imagenet_classes_end[];

static inline const void *dla_imagenet_classes_begin_address(void) { return dla_imagenet_classes; }
static inline const void *dla_imagenet_classes_end_address(void) {
  return dla_imagenet_classes_end;
}
