"""Makes files of Paddle in which a name stands twice, and a square linear layer (numpy 2, safetensors).

The expectation is what a Python dictionary keeps, and what `_pack_loaded_dict` of
paddle.framework.io_utils makes of slices: the joined array replaces another of its name.
"""
import collections
import pathlib
import pickle

import numpy as np
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "paddle"


class Pairs:
    """Pickled as a dictionary to which pairs are added, of which several may have one key."""

    def __init__(self, *pairs):
        self.pairs = pairs

    def __reduce__(self):
        return collections.OrderedDict, (), None, None, iter(self.pairs)


def dump(name, value, arrays):
    (FOLDER / name).write_bytes(pickle.dumps(value, 2))
    save_file(arrays, FOLDER / f"{name}.expected.safetensors")


def array(*values):
    return np.array(values, dtype=np.float32)


dump("same-key-twice.pdparams", Pairs(("a", array(1)), ("b", array(2, 3)), ("a", array(4, 5, 6))),
     {"a": array(4, 5, 6), "b": array(2, 3)})
slices = ["w@@.0", "w@@.1"]
dump("slices-replace.pdparams",
     {"w": array(9), "w@@.0": array(1, 2), "w@@.1": array(3, 4), "v": array(5),
      "UnpackBigParamInfor@@": Pairs(
          ("w", {"OriginShape": (4,), "slices": slices[:1]}),
          ("w", {"OriginShape": (2, 2), "slices": slices}))},
     {"w": array(1, 2, 3, 4).reshape(2, 2), "v": array(5)})
square = {"head.weight": array(1, 2, 3, 4).reshape(2, 2), "head.bias": array(5, 6)}
dump("linear.pdparams", square, square)
