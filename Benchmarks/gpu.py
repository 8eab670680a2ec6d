"""Checks and times `dla` on an NVIDIA GPU, beside PyTorch: see README.md in this folder.

`check` compares logits with timm's in float64; `time` alternates dla and PyTorch. Needs NumPy and
safetensors, and for `time` PyTorch and timm.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from safetensors.numpy import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Fixtures"))
from keyed import uniform, weight  # noqa: E402

MODELS = [
    "dla34", "dla46_c", "dla46x_c", "dla60", "dla60x", "dla60x_c", "dla102", "dla102x", "dla102x2",
    "dla169",
]  # fmt: skip
#: What scores may differ by, relative L2.
TOLERANCES = {"fp32": 1e-5, "tf32": 5e-3, "fp16": 2e-2, "bf16": 2e-2}
#: Milliseconds on a V100 in float32 at batch 1, 4 and 8, as PaddleClas publishes them.
PUBLISHED = {
    "dla34": (1.83, 3.37, 5.98), "dla46_c": (1.06, 2.08, 3.23), "dla60": (2.78, 5.36, 8.29),
    "dla60x": (5.98, 9.24, 12.52), "dla60x_c": (1.79, 3.68, 5.19), "dla102": (4.95, 8.08, 12.40),
    "dla102x": (11.12, 15.60, 20.37), "dla102x2": (19.58, 23.97, 31.37),
    "dla169": (7.70, 12.25, 18.90),
}  # fmt: skip


def dla(options, *words):
    run = subprocess.run([options.dla, *words], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"dla {' '.join(words)}: {run.stderr.strip()}")
    return run.stdout


# The check


def made_up(model):
    """The weights that the references were computed with (DLAGraph/Weights/SyntheticWeights.swift)."""
    tensors = {}
    for line in (ROOT / f"Tests/Fixtures/tensors/{model}.txt").read_text().splitlines():
        _, name, sides = line.split()
        tensors[name] = weight(model, name, [int(side) for side in sides.split("x")])
    return tensors


def check(options):
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        weights, images, scores = (f"{folder}/{name}.safetensors" for name in "wxy")
        shape = (2, 3, 224, 224)
        pixels = 2 * uniform("input/224", math.prod(shape)).reshape(shape)
        save_file({"input": pixels.astype(numpy.float32)}, images)
        for model in options.models:
            save_file(made_up(model), weights)
            path = ROOT / f"Tests/Fixtures/expected-inference/{model}.safetensors"
            expected = load_file(path)["224/logits"]
            for precision in options.precisions:
                dla(
                    options, "run", "--model", model, "--weights", weights, "--input", images,
                    "--output", scores, "--device", options.device, "--precision", precision,
                    "--tune", options.tune,
                )  # fmt: skip
                found = load_file(scores)["logits"].astype(numpy.float64)
                error = numpy.linalg.norm(found - expected) / numpy.linalg.norm(expected)
                passed = error < TOLERANCES[precision]
                failed |= not passed
                print(f"{model:10} {precision}  {error:.2e}{'' if passed else '  TOO LARGE'}")
    return failed


# Timing


class Peer:
    """timm's network in PyTorch, run in one of three ways."""

    def __init__(self, way, model, batch, precision):
        import timm
        import torch

        self.torch = torch
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        kind = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(precision, torch.float32)
        network = timm.create_model(model).eval().cuda().to(kind)
        images = torch.rand(batch, 3, 224, 224, device="cuda", dtype=kind)
        if way != "eager":
            network = network.to(memory_format=torch.channels_last)
            images = images.contiguous(memory_format=torch.channels_last)
        if way == "compile":
            network = torch.compile(network, mode="max-autotune")
        self.run = lambda: network(images)
        with torch.inference_mode():
            for _ in range(5):
                self.run()
        torch.cuda.synchronize()
        if way == "graph":
            self.graph = torch.cuda.CUDAGraph()
            with torch.inference_mode(), torch.cuda.graph(self.graph):
                network(images)
            self.run = self.graph.replay

    def milliseconds(self, seconds):
        torch = self.torch
        times, end = [], time.monotonic() + seconds
        with torch.inference_mode():
            while len(times) < 5 or time.monotonic() < end:
                first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                # As `dla benchmark`: the timed run is started while the one before it is under way.
                self.run()
                first.record()
                self.run()
                last.record()
                torch.cuda.synchronize()
                times.append(first.elapsed_time(last))
        return statistics.median(times)


def ours(options, model, batch, precision):
    rows = dla(
        options, "benchmark", "--device", options.device, "--precision", precision, "--model", model,
        "--batch-size", str(batch), "--seconds", str(options.seconds), "--json",
    )  # fmt: skip
    return json.loads(rows)[0]["median_ms"]


def measure(options):
    print("model      batch  prec.    ours   " + "".join(f"{way:>9}" for way in options.peers)
          + "  best ÷ ours  V100 ÷ ours")  # fmt: skip
    for precision in options.precisions:
        for model in options.models:
            for batch in options.batch_sizes:
                peers = {way: Peer(way, model, batch, precision) for way in options.peers}
                own, others = [], {way: [] for way in peers}
                for _ in range(options.rounds):
                    own.append(ours(options, model, batch, precision))
                    for way, peer in peers.items():
                        others[way].append(peer.milliseconds(options.seconds))
                mine = statistics.median(own)
                theirs = {way: statistics.median(times) for way, times in others.items()}
                published = dict(zip((1, 4, 8), PUBLISHED.get(model, ()))).get(batch)
                print(
                    f"{model:10} {batch:5}  {precision}  {mine:8.3f}"
                    + "".join(f"{value:9.3f}" for value in theirs.values())
                    + (f"{min(theirs.values()) / mine:13.2f}" if theirs else " " * 13)
                    + (f"{published / mine:13.2f}" if published and precision == "fp32" else ""),
                    flush=True,
                )
                del peers
    return False


def main():
    def words(text):
        return [word for word in text.split(",") if word]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["check", "time"])
    parser.add_argument("--dla", default=str(ROOT / ".build/release/dla"))
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--models", type=words, default=MODELS)
    parser.add_argument("--precisions", type=words, default=["fp32"])
    parser.add_argument(
        "--batch-sizes", type=lambda text: [int(word) for word in words(text)], default=[1, 4, 8]
    )
    parser.add_argument("--peers", type=words, default=["eager", "graph", "compile"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--tune", choices=["on", "off"], default="on")
    options = parser.parse_args()
    os.environ.setdefault("DLA_CACHE", tempfile.gettempdir() + "/dla-gpu")
    sys.exit((check if options.part == "check" else measure)(options))


if __name__ == "__main__":
    main()
