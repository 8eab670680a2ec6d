"""Numbers that follow from a key, see DLATensor/KeyedRandom.swift and SyntheticWeights.swift."""

import math

import numpy

MASK = (1 << 64) - 1


def uniform(key, count):
    state = 0xCBF29CE484222325
    for byte in key.encode():
        state = (state ^ byte) * 0x100000001B3 & MASK
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(state) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return (z >> numpy.uint64(40)).astype(numpy.float64) / 2**23 - 1


def weight(model, name, shape):
    """A tensor of a network's made-up weights, in float32."""
    last = ".bn2.weight" if model == "dla34" else ".bn3.weight"
    adds = model.startswith(("dla102", "dla169"))
    joins = name.endswith((last, "root.bn.weight") if adds else last)
    u = uniform(f"{model}/{name}", math.prod(shape)).reshape(shape)
    if name.endswith("running_var"):
        value = 1 + 0.5 * u
    elif name.endswith("running_mean"):
        value = 0.1 * u
    elif len(shape) == 4:
        value = u * math.sqrt(5 / math.prod(shape[1:]))
    elif name.endswith("weight"):
        value = (0.2 if joins else 1) * (1 + 0.2 * u)
    else:
        value = 0.1 * u
    return value.astype(numpy.float32)
