// The files that are part of the program, so that an installed binary is whole.
#pragma once

struct dla_embedded_file {
  const void *bytes;
  long size;
};

// The model: safetensors.
extern const struct dla_embedded_file dla_builtin_model;

// ImageNet's classes in order: ASCII text, one "synset name, name" a line.
extern const struct dla_embedded_file dla_imagenet_classes;
