"""Makes Tests/Fixtures/checkpoints: small files of every kind of checkpoint, good and hostile.

python make.py        with torch 2.15, numpy and safetensors: pytorch/ and legacy/
python make_paddle.py with paddlepaddle 3.3.1 and safetensors: paddle/
python make_hostile.py with the standard library alone: hostile/ and other/

Beside each good file X lies X.expected.safetensors with the tensors that should come out, named as
in the file. Every good file is loaded again by the library that wrote it and compared with that.
"""
import argparse
import collections
import io
import pathlib
import pickle
import struct
import sys
import warnings
import zipfile
import zlib

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

import builders as b

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).parent
DTYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
          "bool"]


def numbers(*shape, dtype=torch.float32, seed=0):
    """Numbers that every type of float holds exactly: at most 50 sixteenths."""
    count = int(np.prod(shape))
    values = (torch.arange(count) * 37 + 13 * seed) % 101 - 50
    if dtype == torch.bool:
        return (values % 3 == 0).reshape(shape)
    if not dtype.is_floating_point:
        return (values.abs() if dtype in (torch.uint8, torch.uint16) else values).to(
            dtype).reshape(shape)
    return (values / 16).to(dtype).reshape(shape)


def tensors_of(value):
    return {k: v for k, v in value.items() if isinstance(v, torch.Tensor)}


def expect(path, tensors, suffix=""):
    """Writes what should come out of a file."""
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()},
              f"{path}{suffix}.expected.safetensors")


def same(loaded, tensors):
    loaded = tensors_of(loaded)
    assert loaded.keys() == tensors.keys(), (loaded.keys(), tensors.keys())
    for name, tensor in tensors.items():
        other = loaded[name].detach()
        assert other.dtype == tensor.dtype and other.shape == tensor.shape, name
        assert torch.equal(other.contiguous().view(torch.uint8) if other.numel() and other.dim()
                           else other, tensor.detach().contiguous().view(torch.uint8)
                           if tensor.numel() and tensor.dim() else tensor.detach()), name


def save(name, value, get=lambda value: value, expected=True, **options):
    """torch.save, the expectation, and the check that torch reads that."""
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    torch.save(value, path, **options)
    if options.get("_use_new_zipfile_serialization") is False:
        path.write_bytes(with_steady_keys(path.read_bytes()))
    if expected:
        tensors = tensors_of(get(value))
        expect(path, tensors)
        same(get(torch.load(path, weights_only=False)), tensors)
    return path


# Legacy keys of storages are addresses in memory; these files must not change from run to run.

class Finder(pickle.Unpickler):
    """Collects the storages of a file that this program has just written."""

    def __init__(self, file):
        super().__init__(file)
        self.sizes = {}

    def persistent_load(self, saved):
        if saved[0] == "module":
            return saved[1]
        self.sizes.setdefault(saved[2], torch.tensor([], dtype=saved[1].dtype).element_size())
        return torch.storage.TypedStorage(0, dtype=saved[1].dtype)

    def find_class(self, module, name):
        return ((lambda *_: None) if name.startswith("_rebuild") else
                super().find_class(module, name))


def with_steady_keys(data):
    file = io.BytesIO(data)
    for _ in range(3):
        pickle.load(file)
    begin = file.tell()
    finder = Finder(file)
    finder.load()
    main, sizes = data[begin:file.tell()], finder.sizes
    keys, protocol = pickle.load(file), data[1]
    contents = {}
    for key in keys:
        count = struct.unpack("<q", file.read(8))[0]
        contents[key] = struct.pack("<q", count) + file.read(count * sizes[key])
    names = {key: str(10 ** (len(key) - 1) + i) for i, key in enumerate(sizes)}
    for key, name in names.items():
        main = main.replace(key.encode(), name.encode())
    return (data[:begin] + main + pickle.dumps(list(names.values()), protocol)
            + b"".join(contents[key] for key in names))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, bias=False)
        self.bn = nn.BatchNorm2d(2)
        self.fc = nn.Linear(2, 3)
        with torch.no_grad():
            for i, tensor in enumerate(self.state_dict().values()):
                tensor.copy_(numbers(*tensor.shape, dtype=tensor.dtype, seed=i).abs())

    def forward(self, x):
        return self.fc(self.bn(self.conv(x)).mean((2, 3)))


class Add(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(numbers(2, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.weight


def dtypes():
    return {name: numbers(2, 3, dtype=getattr(torch, name), seed=i)
            for i, name in enumerate(DTYPES)}


def shapes():
    return {"scalar": numbers(), "scalar_int64": torch.tensor(7), "empty": numbers(0),
            "empty_middle": numbers(2, 0, 3), "one": numbers(1), "ones": numbers(1, 1, 1, 1),
            "five": numbers(2, 1, 3, 1, 2), "näme with späces/☃": numbers(2)}


def views():
    base, images, shared = numbers(4, 6), numbers(2, 3, 2, 2, seed=1), numbers(12, seed=2)
    return {"transposed": base.t(), "sliced": base[1:3, 2:5], "stepped": base[::2, 1::3],
            "column": base[:, 3], "channels_last": images.to(memory_format=torch.channels_last),
            "permuted": images.permute(1, 3, 0, 2), "expanded": numbers(3, 1).expand(3, 4),
            "expanded_scalar": torch.tensor(2.5).expand(2, 2), "shared_a": shared,
            "shared_b": shared.view(3, 4), "shared_tail": shared[7:],
            "windows": torch.as_strided(shared, (4, 3), (2, 1), 1), "empty_slice": base[4:]}


def parameters():
    with_attribute = nn.Parameter(numbers(2, 2, seed=3))
    with_attribute.note = "kept"
    return {"parameter": nn.Parameter(numbers(2, 3)), "fixed": nn.Parameter(numbers(3), False),
            "tensor": numbers(2, seed=1).requires_grad_(), "with_attribute": with_attribute}


def training(optimizer):
    torch.manual_seed(4)
    net = Net()
    optimizer = optimizer(net.parameters())
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [30, 60, 60, 90], 0.1)
    net(numbers(2, 1, 5, 5)).sum().backward()
    optimizer.step()
    schedule.step()
    weights = collections.OrderedDict((f"module.{k}", v) for k, v in net.state_dict().items())
    args = argparse.Namespace(arch="dla34", lr=0.1, epochs=120, data="/data", pretrained=False,
                              milestones=[30, 60, 90], resume=None)
    return {
        "epoch": 90, "arch": "dla34", "state_dict": weights,
        "best_prec1": torch.tensor(74.63), "best_acc": np.float64(74.63), "loss": np.float32(1.25),
        "seen": np.int64(1 << 40), "optimizer": optimizer.state_dict(),
        "lr_scheduler": schedule.state_dict(), "args": args,
        "extras": {
            "size": torch.Size([1, 3, 224, 224]), "device": torch.device("cuda:0"),
            "dtypes": [torch.float32, torch.bfloat16, torch.int64], "set": {3}, "none": None,
            "frozen": frozenset([5]), "flags": (True, False), "big": 1 << 100,
            "negative": -(1 << 70),
            "small": [-1, 0, 255, 256, 65535, 65536, -(1 << 31), 1 << 31],
            "nested": [[1, [2, [3, []]]], {"a": {"b": ()}}], "bytes": b"\x00\xff", "text": "ünï",
            "float": 0.1, "infinite": float("inf"), "counter": collections.Counter("aab"),
            "default": collections.defaultdict(list, a=[1]), 7: "key that is a number",
            "array": np.arange(6, dtype=np.float32).reshape(2, 3)},
    }


def sgd(weights):
    return torch.optim.SGD(weights, 0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)


def adamw(weights):
    return torch.optim.AdamW(weights, 1e-3, amsgrad=True)


def renamed(value, prefix):
    return collections.OrderedDict((prefix + k, v) for k, v in value.items())


def rezip(source, name, **options):
    """The same records through zipfile; without debug records, which hold paths and times."""
    path = FOLDER / name
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", **options) as new:
        for info in old.infolist():
            if info.filename.endswith((".debug_pkl", "serialization_id")):
                continue
            fresh = zipfile.ZipInfo(info.filename)
            fresh.compress_type = new.compression
            new.writestr(fresh, old.read(info))
    return path


def numpy_1(function):
    """Runs with numpy's globals named as before version 2."""
    from numpy._core import multiarray as m
    old = m.scalar.__module__, m._reconstruct.__module__
    m.scalar.__module__ = m._reconstruct.__module__ = "numpy.core.multiarray"
    try:
        return function()
    finally:
        m.scalar.__module__, m._reconstruct.__module__ = old


def pytorch():
    net = Net().state_dict()
    save("pytorch/dtypes.pt", dtypes())
    save("pytorch/dtypes-v3.pt", {"uint16": numbers(2, 3, dtype=torch.uint16),
                                  "float8_e4m3fn": numbers(2, 3).to(torch.float8_e4m3fn),
                                  "float32": numbers(2, 3)})
    save("pytorch/shapes.pt", shapes())
    save("pytorch/views.pt", views())
    save("pytorch/parameters.pt", parameters())
    for protocol in 2, 3, 4, 5:
        save(f"pytorch/protocol-{protocol}.pt", net, pickle_protocol=protocol)
    for protocol in 2, 5:
        save(f"pytorch/training-sgd-protocol-{protocol}.pt", training(sgd),
             lambda c: c["state_dict"], pickle_protocol=protocol)
    save("pytorch/training-adamw.pt", training(adamw), lambda c: c["state_dict"])
    numpy_1(lambda: save("pytorch/training-numpy-1.pt", training(sgd), lambda c: c["state_dict"]))
    save("pytorch/exotic.pt", {"state_dict": net, "complex": 1 + 2j, "range": range(3),
                               "slice": slice(1, 2), "layout": torch.strided},
         lambda c: c["state_dict"])
    save("pytorch/prefix-module.pt", renamed(net, "module."))
    save("pytorch/prefix-orig-mod.pt", renamed(net, "_orig_mod."))
    save("pytorch/prefix-module-orig-mod.pt", renamed(net, "module._orig_mod."))
    save("pytorch/prefix-orig-mod-module.pt", {"state_dict": renamed(net, "_orig_mod.module.")},
         lambda c: c["state_dict"])
    ema = {"epoch": 3, "arch": "dla34", "state_dict": net, "optimizer": {}, "version": 2,
           "state_dict_ema": collections.OrderedDict((k, v + 1) for k, v in net.items()),
           "metric": 71.5}
    path = save("pytorch/ema.pt", ema, expected=False)
    for key in "state_dict", "state_dict_ema":
        expect(path, ema[key], f".{key}")
        same(torch.load(path, weights_only=True)[key], ema[key])
    save("pytorch/model.pt", {"model": dict(net), "epoch": 3}, lambda c: c["model"])
    save("pytorch/tensor.pt", numbers(2, 3), expected=False)
    save("pytorch/list.pt", [numbers(2, 3), numbers(2)], expected=False)
    save("pytorch/no-tensors.pt", {"epoch": 3, "state_dict": {}}, expected=False)
    save("pytorch/whole-module.pt", Net(), expected=False)
    save("pytorch/whole-sequential.pt", nn.Sequential(nn.Linear(2, 1)), expected=False)
    script()

    good = FOLDER / "pytorch/protocol-2.pt"
    path = rezip(good, "pytorch/deflated.pt", compression=zipfile.ZIP_DEFLATED)
    expect(path, net)
    same(torch.load(path, weights_only=True), net)
    with zipfile.ZipFile(good) as old:
        root = old.namelist()[0].split("/")[0]
        records = {n[len(root) + 1:]: old.read(n) for n in old.namelist()}
    # As PyTorch 1.6 wrote: neither the order of bytes nor an alignment is said.
    path = FOLDER / "pytorch/torch-1.6.pt"
    path.write_bytes(b.zip_file(
        [b.Entry(f"archive/{n}", records[n]) for n in records
         if n == "data.pkl" or n.startswith("data/")] + [b.Entry("archive/version", b"3\n")]))
    expect(path, net)
    same(torch.load(path, weights_only=True), net)
    # As writers do that cannot seek, and as writers of large files do.
    later = [b.Entry(f"archive/{n}", d, flags=8, local={"crc": 0, "packed": 0, "size": 0},
                     after=struct.pack("<4sIII", b"PK\7\x08", zlib.crc32(d), len(d), len(d)))
             for n, d in records.items()]
    most = 0xFFFFFFFF
    large = [b.Entry(f"archive/{n}", d, **{place: {
        "packed": most, "size": most, "extra": struct.pack("<HHQQ", 1, 16, len(d), len(d))}
        for place in ("local", "central")}) for n, d in records.items()]
    for name, entries in ("descriptor", later), ("zip64", large):
        path = FOLDER / f"pytorch/{name}.pt"
        path.write_bytes(b.zip_file(entries))
        expect(path, net)
        same(torch.load(path, weights_only=True), net)
    # A machine with the most significant byte first: torch swaps the bytes of each element.
    widths = {}
    for i, tensor in enumerate(net.values()):
        widths[f"data/{i}"] = tensor.element_size()
    swapped = {n: (np.frombuffer(d, f"u{widths[n]}").byteswap().tobytes() if n in widths else
                   b"big" if n == "byteorder" else d) for n, d in records.items()}
    path = FOLDER / "pytorch/big-endian.pt"
    path.write_bytes(b.zip_file([b.Entry(f"archive/{n}", d) for n, d in swapped.items()]))
    expect(path, net)
    same(torch.load(path, weights_only=True), net)


def script():
    """TorchScript: the same container with code in it."""
    net = torch.jit.script(Add())
    torch.jit.save(net, str(FOLDER / "pytorch/torchscript.pt"))
    rezip(FOLDER / "pytorch/torchscript.pt", "pytorch/t", compression=zipfile.ZIP_DEFLATED)
    (FOLDER / "pytorch/t").replace(FOLDER / "pytorch/torchscript.pt")


def legacy():
    old = {"_use_new_zipfile_serialization": False}
    for protocol in 2, 4:
        save(f"legacy/dtypes-protocol-{protocol}.pth", dtypes(), pickle_protocol=protocol, **old)
        save(f"legacy/views-protocol-{protocol}.pth", {**views(), **shapes()},
             pickle_protocol=protocol, **old)
        save(f"legacy/training-protocol-{protocol}.pth.tar", training(sgd),
             lambda c: c["state_dict"], pickle_protocol=protocol, **old)
    save("legacy/parameters.pth", parameters(), **old)
    # The legacy format adds each class's source; a stand-in keeps PyTorch's own out of this folder.
    torch.serialization.get_source_lines_and_file = lambda _: (["class Module: ...\n"], 1, "m.py")
    save("legacy/whole-sequential.pth", nn.Sequential(nn.Linear(2, 1)), expected=False, **old)
    python_2()


def python_2():
    """As torch 0.3 under Python 2 wrote a state dict: byte strings, _rebuild_tensor, views."""
    text, integer = b.text2, b.integer

    def saved(key, count, view=b"N", kind="FloatStorage"):
        return b.tuple_of(text("storage"), b.glob("torch", kind), text(key), text("cuda:0"),
                          integer(count), view) + b"Q"

    def rebuilt(storage, offset, size, stride):
        return b.call(b.glob("torch._utils", "_rebuild_tensor"), storage, integer(offset),
                      b.tuple_of(*map(integer, size)), b.tuple_of(*map(integer, stride)))

    def stream(pairs, keys, storages):
        data = b.proto() + b.glob("collections", "OrderedDict") + b"q\x01]q\x02(" + b"".join(
            b"](" + text(name) + value + b"e" for name, value in pairs) + b"e\x85R" + b.STOP
        return b.legacy(data, key_list=b.list_of(*map(text, keys)), storages=storages)

    floats = [numbers(6, seed=1), numbers(8, seed=2)]
    counts = numbers(2, dtype=torch.int64)
    path = FOLDER / "legacy/python-2.pth"
    path.write_bytes(stream(
        [("conv.weight", rebuilt(saved("94001", 6), 0, (2, 3), (3, 1))),
         ("conv.transposed", rebuilt(saved("94001", 6), 0, (3, 2), (1, 3))),
         ("bn.bias", rebuilt(saved("94000", 8), 2, (4,), (1,))),
         ("bn.count", rebuilt(saved("94002", 2, kind="LongStorage"), 0, (2,), (1,)))],
        ["94000", "94001", "94002"],
        [(8, floats[1].numpy().tobytes()), (6, floats[0].numpy().tobytes()),
         (2, counts.numpy().tobytes())]))
    tensors = {"conv.weight": floats[0].view(2, 3), "conv.transposed": floats[0].view(2, 3).t(),
               "bn.bias": floats[1][2:6], "bn.count": counts}
    expect(path, tensors)
    same(torch.load(path, weights_only=False, map_location="cpu"), tensors)

    view = b.tuple_of(text("94100"), integer(3), integer(4))
    path = FOLDER / "legacy/python-2-view.pth"
    path.write_bytes(stream(
        [("root", rebuilt(saved("94000", 8), 0, (8,), (1,))),
         ("view", rebuilt(saved("94000", 8, view), 0, (2, 2), (2, 1)))],
        ["94000"], [(8, floats[1].numpy().tobytes())]))
    tensors = {"root": floats[1], "view": floats[1][3:7].view(2, 2)}
    expect(path, tensors)
    same(torch.load(path, weights_only=False, map_location="cpu"), tensors)


if __name__ == "__main__":
    assert sys.byteorder == "little"
    for kind in "pytorch", "legacy":
        (FOLDER / kind).mkdir(exist_ok=True)
    pytorch()
    legacy()
