#include "CDLABuiltInModel.h"

_Alignas(64) static const unsigned char model[] = {
#embed "cifar10-dla46_c.safetensors"
};
const struct dla_embedded_file dla_builtin_model = {model, sizeof model};

static const unsigned char classes[] = {
#embed "imagenet-1k.txt"
};
const struct dla_embedded_file dla_imagenet_classes = {classes, sizeof classes};
