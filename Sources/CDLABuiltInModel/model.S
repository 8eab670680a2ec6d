// Puts the built-in model's file and ImageNet's class names into the program, so that an installed
// binary is whole. After replacing a file, touch this one: the build does not watch them.
#if defined(__APPLE__)
  .section __TEXT,__const
#define SYMBOL(name) _##name
#else
  .section .rodata
#define SYMBOL(name) name
#endif

  .globl SYMBOL(dla_builtin_model)
  .globl SYMBOL(dla_builtin_model_end)
  .balign 64
SYMBOL(dla_builtin_model):
  .incbin "cifar10-dla46_c.safetensors"
SYMBOL(dla_builtin_model_end):
  .byte 0

  .globl SYMBOL(dla_imagenet_classes)
  .globl SYMBOL(dla_imagenet_classes_end)
SYMBOL(dla_imagenet_classes):
  .incbin "imagenet-1k.txt"
SYMBOL(dla_imagenet_classes_end):
  .byte 0

#if defined(__ELF__)
  .section .note.GNU-stack,"",%progbits
#endif
