"""Makes Tests/Fixtures/checkpoints/paddle with paddlepaddle 3.3.1, numpy 2 and safetensors.

See make.py, which makes the others.
"""
import pathlib
import pickle

import numpy as np
import paddle
from paddle.framework import io_utils
from numpy._core import multiarray
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "paddle"
FOLDER.mkdir(exist_ok=True)


def numbers(*shape, dtype="float32", seed=0):
    """Numbers that every type of float holds exactly: at most 50 sixteenths."""
    values = (np.arange(int(np.prod(shape))) * 37 + 13 * seed) % 101 - 50
    if dtype == "bool":
        return (values % 3 == 0).reshape(shape)
    if dtype == "uint8":
        values = abs(values)
    return (values / (16 if dtype.startswith("float") else 1)).astype(dtype).reshape(shape)


class Net(paddle.nn.Layer):
    """Names as PaddleClas has them: weight, bias, _mean, _variance."""

    def __init__(self):
        super().__init__()
        self.conv = paddle.nn.Conv2D(1, 2, 3, bias_attr=False)
        self.bn = paddle.nn.BatchNorm2D(2)
        self.fc = paddle.nn.Linear(2, 3)
        for i, tensor in enumerate(self.state_dict().values()):
            tensor.set_value(numbers(*tensor.shape, seed=i))


def expect(name, arrays):
    save_file({k: np.ascontiguousarray(v).reshape(v.shape) for k, v in arrays.items()},
              FOLDER / f"{name}.expected.safetensors")


def same(loaded, arrays):
    for key, array in arrays.items():
        other = np.asarray(loaded[key])
        assert other.dtype == array.dtype and np.array_equal(other, array), key
        assert other.shape == array.shape, key


def save(name, value, get=lambda value: value, arrays=None, **options):
    """paddle.save, the expectation, and the check that Paddle reads that."""
    path = str(FOLDER / name)
    paddle.save(value, path, **options)
    if arrays is None:
        arrays = {k: v.numpy() for k, v in get(value).items() if isinstance(v, paddle.Tensor)}
    expect(name, arrays)
    same(get(paddle.load(path, return_numpy=True)), arrays)


def dump(name, value, arrays, protocol=2, **options):
    """What other programs write for Paddle: a plain pickle of numpy arrays."""
    (FOLDER / name).write_bytes(pickle.dumps(value, protocol, **options))
    expect(name, arrays)
    same(paddle.load(str(FOLDER / name), return_numpy=True), arrays)


def dtypes():
    names = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    return {n: numbers(2, 3, dtype=n, seed=i) for i, n in enumerate(names)}


def main():
    net = Net().state_dict()
    arrays = {k: v.numpy() for k, v in net.items()}
    save("default.pdparams", net)
    for protocol in 2, 3, 4:
        save(f"protocol-{protocol}.pdparams", net, protocol=protocol)
    tensors = {k: paddle.to_tensor(v) for k, v in dtypes().items()}
    save("dtypes.pdparams", tensors)
    save("dtypes-protocol-2.pdparams", tensors, protocol=2)
    save("shapes.pdparams", {"scalar": paddle.to_tensor(2.5), "empty": paddle.zeros([2, 0, 3]),
                             "one": paddle.to_tensor([1.0]), "five": paddle.to_tensor(
                                 numbers(2, 1, 3, 1, 2)), "step": 7})
    save("nested.pdparams", {"model": net, "epoch": 3, "metric": 0.75, "best": np.float64(76.03)},
         lambda c: c["model"])
    save("nested-protocol-2.pdparams", {"model": net, "epoch": 3}, lambda c: c["model"], protocol=2)

    # Paddle stores bfloat16 as the 16 bits it is, in a numpy array of uint16.
    bits = paddle.to_tensor(numbers(2, 3)).astype("bfloat16")
    save("bfloat16.pdparams", {"x": bits, "y": paddle.to_tensor(numbers(2))},
         arrays={"x": bits.numpy(), "y": numbers(2)})

    # Arrays above 1 GiB are sliced under protocols 2 and 3; here the limit is 8 elements.
    io_utils.int = lambda value: min(8, int(value))
    big = {"conv.weight": numbers(2, 3, 3), "fc.weight": numbers(5, 4, seed=1), "small": numbers(3)}
    for protocol in 2, 3:
        save(f"sliced-protocol-{protocol}.pdparams",
             {k: paddle.to_tensor(v) for k, v in big.items()}, protocol=protocol)
        data = (FOLDER / f"sliced-protocol-{protocol}.pdparams").read_bytes()
        assert data.count(b"@@.0") >= 2 and b"UnpackBigParamInfor@@" in data
    del io_utils.int

    fortran = {"f": np.asfortranarray(numbers(3, 4)), "t": numbers(2, 5, seed=1).T,
               "c": numbers(2, 3, 2, seed=2), "fortran_4d": np.asfortranarray(numbers(2, 3, 2, 2))}
    assert not fortran["f"].flags.c_contiguous and not fortran["t"].flags.c_contiguous
    for protocol in 2, 4:
        dump(f"fortran-protocol-{protocol}.pdparams", fortran, fortran, protocol)
    # Protocol 5 pickles arrays through numpy's _frombuffer and BYTEARRAY8.
    dump("protocol-5.pdparams", {**arrays, **fortran}, {**arrays, **fortran}, 5)
    swapped = {k: v.astype(v.dtype.newbyteorder(">")) for k, v in dtypes().items()
               if v.itemsize > 1}
    (FOLDER / "big-endian.pdparams").write_bytes(pickle.dumps(swapped, 2))
    expect("big-endian.pdparams", {k: v.astype(v.dtype.newbyteorder("=")) for k, v in
                                   swapped.items()})

    # numpy before version 2 had other names for its globals; all published files have those.
    multiarray._reconstruct.__module__ = multiarray.scalar.__module__ = "numpy.core.multiarray"
    for protocol in 2, 4:
        save(f"numpy-1-protocol-{protocol}.pdparams", net, protocol=protocol)
        assert b"numpy._core" not in (FOLDER / f"numpy-1-protocol-{protocol}.pdparams").read_bytes()
    python_2(arrays)


def python_2(arrays):
    """As Paddle 1.8 under Python 2 wrote: names and the bytes of arrays as byte strings."""
    import struct

    import builders as b
    value = b""
    for name, array in arrays.items():
        dtype = b.call(b.glob("numpy", "dtype"), b.text2("f4"), b.integer(0), b.integer(1))
        dtype += b.tuple_of(b.integer(3), b.text2("<"), b"N", b"N", b"N", b.integer(-1),
                            b.integer(-1), b.integer(0)) + b"b"
        data = array.tobytes()
        state = b.tuple_of(b.integer(1), b.tuple_of(*map(b.integer, array.shape)), dtype, b"\x89",
                           b"T" + struct.pack("<i", len(data)) + data)
        value += b.text2(name) + b.call(
            b.glob("numpy.core.multiarray", "_reconstruct"), b.glob("numpy", "ndarray"),
            b.tuple_of(b.integer(0)), b.text2("b")) + state + b"b"
    table = b"".join(b.text2(name) + b.text2(f"param_{i}") for i, name in enumerate(arrays))
    value += b.text2("StructuredToParameterName@@") + b"}(" + table + b"u"
    (FOLDER / "python-2.pdparams").write_bytes(b.pickle(b"}(" + value + b"u"))
    expect("python-2.pdparams", arrays)
    same(paddle.load(str(FOLDER / "python-2.pdparams"), return_numpy=True), arrays)


if __name__ == "__main__":
    main()
