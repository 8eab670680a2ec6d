"""Checks ONNX models that `dla convert` wrote: onnx.checker, ONNX Runtime and OpenVINO.

For developers: `pip install numpy onnx onnxruntime openvino safetensors`. The exit status is 1 if a
model fails, 2 if none was found. Example: `check-onnx.py FOLDER --logits expected.safetensors`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
from safetensors.numpy import load_file

#: The sizes whose logits may be given as `<model>/<size>/logits`.
SHAPES = {"224": (2, 3, 224, 224), "256x320": (1, 3, 256, 320)}


def uniform(key, shape):
    """The numbers of `KeyedRandom` in Sources/DLATensor: SplitMix64 from a key's FNV-1a hash."""
    state = 0xCBF29CE484222325
    for byte in key.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    count = int(np.prod(shape))
    z = np.uint64(state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)) / 2**23 - 1).reshape(shape)


def error(values, reference):
    """The L2 norm of the difference over that of the reference; infinite if shapes differ."""
    if values.shape != reference.shape:
        return float("inf")
    return float(np.linalg.norm(values - reference) / np.linalg.norm(reference))


def engines(path):
    """Both engines' names, each with a function from images to logits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(path), "CPU", settings)
    return {
        "ONNX Runtime": lambda images: session.run(["logits"], {"input": images})[0],
        "OpenVINO": lambda images: compiled({"input": images})["logits"],
    }


def check_structure(path):
    onnx.checker.check_model(path, full_check=True)
    graph = onnx.load(path, load_external_data=False).graph
    shapes = {
        value.name: [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in [*graph.input, *graph.output]
    }
    classes = shapes["logits"][1]
    free = {"input": ["batch", 3, "height", "width"], "logits": ["batch", classes]}
    assert shapes == free, f"inputs and outputs are {shapes}, not {free}"
    return classes


def check(path, expected):
    """The error of each comparison by its name."""
    classes = check_structure(str(path))
    errors = {}
    small = uniform("input/64", (3, 3, 64, 64)).astype(np.float32)
    one_by_one = None
    for engine, run in engines(str(path)).items():
        if one_by_one is None:
            one_by_one = np.concatenate([run(image[None]) for image in small])
            assert one_by_one.shape == (3, classes), one_by_one.shape
            assert np.isfinite(one_by_one).all(), "logits are not finite"
        errors[f"{engine}, batch of 3"] = error(run(small), one_by_one)
        for size, shape in SHAPES.items():
            if expected:
                images = (2 * uniform(f"input/{size}", shape)).astype(np.float32)
                reference = expected[f"{path.stem}/{size}/logits"]
                errors[f"{engine}, {size}"] = error(run(images), reference)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds <model>.onnx files, named as timm does")
    parser.add_argument("--logits", type=Path, help="safetensors with <model>/<size>/logits")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="relative L2 (default 1e-5)")
    options = parser.parse_args()
    expected = load_file(options.logits) if options.logits else None
    paths = sorted(options.folder.glob("*.onnx"))
    if not paths:
        print(f"{options.folder} holds no .onnx file", file=sys.stderr)
        return 2
    failures = 0
    for path in paths:
        try:
            errors = check(path, expected)
        except Exception as failure:  # whatever an engine throws, the other models are checked
            print(f"{path.stem:16} FAILED: {failure!r:.300}", flush=True)
            failures += 1
            continue
        worst = max(errors, key=errors.get)
        verdict = "ok" if errors[worst] < options.tolerance else "FAILED"
        failures += verdict != "ok"
        print(f"{path.stem:16} {verdict}: worst {errors[worst]:.1e} ({worst})", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
