"""Times a step of training beside PyTorch on the CPU: see README.md in this folder.

Forward, loss and backward of timm's networks in float32, with the same batch shapes on the same cores.
The contenders alternate in rounds. PyTorch runs channels last, eager and compiled; the faster counts.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

import compare

SHAPES = [(32, 128), (224, 8)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--dla", type=Path, default=compare.ROOT / ".build/release/dla", help="the dla command")
    add("--models", default="dla34,dla46_c,dla60,dla60x", help="timm's names")
    add("--threads", type=compare.positive, default=2,
        help="threads of every contender (default 2)")
    add("--rounds", type=compare.positive, default=3, help="rounds of each (default 3)")
    add("--seconds", type=float, default=3.0, help="length of a round (default 3)")
    add("--no-compile", action="store_true", help="leave out compiled PyTorch")
    add("--output", type=Path, help="write the report here as Markdown")
    return parser.parse_args()


def ours(options, model, side, batch):
    command = [
        str(options.dla.resolve()), "benchmark", "--train", "--model", model,
        "--batch-size", str(batch), "--image-size", str(side), "--threads", str(options.threads),
        "--seconds", str(options.seconds), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)[0]["images_per_second"]


class PyTorch:
    def __init__(self, options, model, side, batch, compiled):
        import timm
        import torch

        torch.set_num_threads(options.threads)
        torch.manual_seed(0)
        self.torch, self.seconds, self.batch = torch, options.seconds, batch
        network = timm.create_model(model, pretrained=False).train()
        self.network = network.to(memory_format=torch.channels_last)
        self.call = torch.compile(self.network) if compiled else self.network
        images = torch.randn(batch, 3, side, side)
        self.images = images.contiguous(memory_format=torch.channels_last)
        self.labels = torch.arange(batch) % 1000
        for _ in range(3):
            self.step()

    def step(self):
        self.network.zero_grad(set_to_none=True)
        self.torch.nn.functional.cross_entropy(self.call(self.images), self.labels).backward()

    def round(self):
        times, start = [], time.perf_counter()
        while len(times) < 3 or time.perf_counter() - start < self.seconds:
            begin = time.perf_counter()
            self.step()
            times.append(time.perf_counter() - begin)
        return self.batch / statistics.median(times)


def main():
    options = parse_arguments()
    lines = [["model", "side", "batch", "ours", "eager", "compiled", "ours ÷ better"]]
    for model in options.models.split(","):
        for side, batch in SHAPES:
            peers = {"eager": PyTorch(options, model, side, batch, False)}
            if not options.no_compile:
                peers["compiled"] = PyTorch(options, model, side, batch, True)
            rates = {name: [] for name in ["ours", *peers]}
            for _ in range(options.rounds):
                rates["ours"].append(ours(options, model, side, batch))
                for name, peer in peers.items():
                    rates[name].append(peer.round())
            medians = {name: statistics.median(values) for name, values in rates.items()}
            best = max(value for name, value in medians.items() if name != "ours")
            lines.append(
                [model, str(side), str(batch)]
                + [f"{medians[n]:.1f}" if n in medians else "–" for n in ["ours", "eager", "compiled"]]
                + [f"{medians['ours'] / best:.2f}"]
            )
            print("  ".join(lines[-1]), flush=True)
    facts = "; ".join(f"{key}: {value}" for key, value in compare.machine().items())
    text = (
        "# A step of training beside PyTorch, images per second\n\n"
        f"{compare.aligned(lines)}\n\nForward, loss and backward, float32, {options.threads} threads; "
        f"medians of {options.rounds} rounds. {facts}; commit: {compare.commit()}\n"
    )
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
