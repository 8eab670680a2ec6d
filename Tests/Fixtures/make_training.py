"""Makes Tests/Fixtures/expected-training: a small part of the references for training.

Run with NumPy and safetensors: python Tests/Fixtures/make_training.py FOLDER, where FOLDER holds
expected-training.safetensors (one batch through each network, by timm in float64), the seeds of the
batches and the lists of tensors. Losses, and norms and dot products of gradients, are copied as they
are; of each batch norm's running mean and variance the norm and the dot product with the same probe
are kept.
"""

import json
import math
import pathlib
import sys

import numpy
from safetensors.numpy import load_file, save_file

from keyed import uniform


def main(folder):
    references = load_file(folder / "expected-training.safetensors")
    seeds = json.loads((folder / "training-seeds.json").read_text())
    target = pathlib.Path(__file__).parent / "expected-training"
    target.mkdir(exist_ok=True)
    for model, seed in seeds.items():
        tensors = json.loads((folder / f"tensors-{model}.json").read_text())
        statistics = tensors["buffers"]
        result = {
            key: references[f"{model}/{key}"] for key in ["losses", "grad.norm", "grad.dot"]
        }
        for key, suffix in [("bn.mean", "running_mean"), ("bn.var", "running_var")]:
            values, norms, dots = references[f"{model}/{key}"], [], []
            for name, shape in statistics.items():
                if not name.endswith(suffix):
                    continue
                part, values = numpy.split(values, [math.prod(shape)])
                norms.append(math.sqrt(float(part @ part)))
                dots.append(float(part @ uniform(f"probe/{name}", len(part))))
            assert len(values) == 0, model
            result[f"{key}.norm"] = numpy.array(norms)
            result[f"{key}.dot"] = numpy.array(dots)
        result["seed"] = numpy.array([float(seed)])
        save_file(result, target / f"{model}.safetensors")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
