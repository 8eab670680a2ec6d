"""Makes the recorded files of this folder with the reference implementation.

python make.py  (safetensors 0.8.0, torch 2.x, numpy)
"""

import os
import struct

import torch
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name + ".safetensors")


# Exact in bfloat16 and, but for the marked ones, in float16: 7 significant bits.
VALUES = [0.0, -0.0, 1.0, -1.5, 0.15625, 126.0, -2.0**-14, 2.0**-20, 65024.0, 2.0**-24, 3.0, -7.75]
base = torch.tensor(VALUES, dtype=torch.float64).reshape(3, 4)
for name, dtype in {
    "f64": torch.float64,
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
}.items():
    save_file({"values": base.to(dtype), "scalar": torch.tensor(0.5, dtype=dtype)}, path(name))

save_file(
    {
        "u8": torch.arange(0, 250, 50, dtype=torch.uint8),
        "i64": torch.tensor(-(2**40)),
        "i32": torch.tensor([[-7, 8]], dtype=torch.int32),
        "i16": torch.tensor([-300], dtype=torch.int16),
        "i8": torch.tensor([-3, 3], dtype=torch.int8),
        "bool": torch.tensor([True, False, True]),
        "f32": torch.tensor([1.0, 2.0]),
    },
    path("integers"),
    metadata={"format": "pt", "title": 'a "quoted"\n\\ line with é and 猫 and 🐈'},
)
save_file({"層.重み": torch.tensor([1.0]), "bé\t\"\\🐈": torch.tensor([2.0])}, path("unicode"))
save_file({"none": torch.zeros(0, 3), "one": torch.tensor([1.0]), "void": torch.zeros(2, 0)}, path("zero-size"))
save_file({}, path("empty"))


def raw(name, header, data=b""):
    header = header.encode()
    with open(path(name), "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


# Valid, but as no writer of today makes them: odd offsets, other order, other spacing, unknown keys.
raw(
    "unaligned",
    '{ "b" : {"shape":[2], "dtype":"F32", "data_offsets":[1,9], "note":{"x":[1,-2.5e3,null,true,""]}},\n'
    '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"__metadata__":{} }  ',
    b"\x07" + struct.pack("<2f", 1.5, -2.5),
)
raw("escapes", '{"\\u00e9\\ud83d\\udc08\\/\\n":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', b"\x01")

# One tensor of each kind from the recorded dla46x_c files, whose weights SyntheticWeights draws.
# Made only where the large files are beside the checkout.
interop = os.path.join(HERE, "../../../../shared/fixtures/interop")
KINDS = [
    "base_layer.0.weight",
    "level2.tree1.bn3.weight",
    "level2.tree1.bn1.weight",
    "level2.tree1.bn1.bias",
    "level2.tree1.bn1.running_mean",
    "level2.tree1.bn1.running_var",
]
for suffix in ["", "-fp16", "-bf16"]:
    source = os.path.join(interop, f"timm{suffix}.safetensors")
    if os.path.exists(source):
        tensors = load_file(source)
        save_file({kind: tensors[kind] for kind in KINDS}, path("dla46x_c" + suffix))
