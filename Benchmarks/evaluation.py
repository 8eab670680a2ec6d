"""Times `dla evaluate` beside a PyTorch DataLoader that feeds OpenVINO: see README.md in this folder.

Both read the same labelled images, decode, resize and crop them as timm does, and run the same
weights in float32 on the same cores. They alternate in rounds.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compare

WORKERS = [0, 1, 2, 3, 4]
BATCH_SIZES = [1, 8]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, required=True, help="a folder of class folders named by synsets")
    add("--weights", type=Path, required=True, help="dla34 or another, a thousand classes")
    add("--dla", type=Path, default=compare.ROOT / ".build/release/dla", help="the dla command")
    add("--threads", type=compare.positive, default=2, help="threads of both (default 2)")
    add("--rounds", type=compare.positive, default=5, help="rounds of each (default 5)")
    add("--output", type=Path, help="write the report here as Markdown")
    return parser.parse_args()


class Ours:
    """`dla evaluate`, started anew for each round."""

    def __init__(self, options):
        self.command = [
            str(options.dla.resolve()), "evaluate", "--data", str(options.data),
            "--weights", str(options.weights), "--threads", str(options.threads), "--json",
        ]  # fmt: skip

    def round(self):
        start = time.perf_counter()
        done = subprocess.run(self.command, capture_output=True, text=True, check=True)
        row = json.loads(done.stdout)
        return {
            "images": row["images"],
            "rate": row["images_per_second"],
            "process": row["images"] / (time.perf_counter() - start),
            "top1_correct": row["top1_correct"],
            "top5_correct": row["top5_correct"],
        }


class Peer:
    """A DataLoader and OpenVINO in its throughput mode, at the settings that were fastest."""

    def __init__(self, options):
        import openvino
        import torchvision

        self.options = options
        from torchvision import transforms

        self.dataset = torchvision.datasets.ImageFolder(
            options.data,
            transforms.Compose(
                [
                    transforms.Resize(256),
                    transforms.CenterCrop(224),
                    transforms.ToTensor(),
                    transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
                ]
            ),
        )
        self.classes = classes(self.dataset.classes)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            subprocess.run(
                [str(options.dla.resolve()), "convert", str(options.weights), str(path)],
                check=True, capture_output=True,
            )  # fmt: skip
            self.core = openvino.Core()
            self.model = self.core.read_model(path)
            weights = self.core.compile_model(self.model, "CPU")  # reads all of the file
        del weights
        self.compiled = {size: self.compile(size) for size in BATCH_SIZES}
        rates = {
            (workers, size): self.run(workers, size, limit=240)["rate"]
            for workers in WORKERS
            for size in BATCH_SIZES
        }
        self.settings = max(rates, key=rates.get)
        self.rates = rates

    def compile(self, size):
        import openvino

        model = self.model.clone()
        model.reshape([size, 3, 224, 224])
        compiled = self.core.compile_model(
            model,
            "CPU",
            {
                "PERFORMANCE_HINT": "THROUGHPUT",
                "INFERENCE_NUM_THREADS": self.options.threads,
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        return compiled, openvino

    def round(self):
        return self.run(*self.settings)

    def run(self, workers, size, limit=None):
        import torch

        torch.set_num_threads(1)
        compiled, openvino = self.compiled[size]
        dataset = self.dataset
        if limit:
            step = max(1, len(dataset) // limit)
            dataset = torch.utils.data.Subset(dataset, range(0, len(dataset), step))
        loader = torch.utils.data.DataLoader(dataset, batch_size=size, num_workers=workers)
        correct = [0, 0]

        def count(request, labels):
            scores = torch.from_numpy(request.get_output_tensor(0).data[: len(labels)])
            top = scores.topk(5, dim=1).indices
            hits = top == self.classes[labels][:, None]
            correct[0] += int(hits[:, 0].sum())
            correct[1] += int(hits.sum())

        queue = openvino.AsyncInferQueue(compiled)
        queue.set_callback(count)
        start = time.perf_counter()
        images = 0
        for batch, labels in loader:
            images += len(labels)
            if len(labels) < size:
                batch = torch.cat([batch, batch[:1].expand(size - len(labels), -1, -1, -1)])
            queue.start_async({0: batch.numpy()}, labels)
        queue.wait_all()
        rate = images / (time.perf_counter() - start)
        return {
            "images": images, "rate": rate,
            "top1_correct": correct[0], "top5_correct": correct[1],
        }  # fmt: skip

    def details(self):
        workers, size = self.settings
        requests = self.compiled[size][0].get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        return f"{workers} workers, batch {size}, {requests} requests"


def classes(folders):
    """The class of each folder of ImageFolder: its synset's place among ImageNet's."""
    import torch

    text = compare.ROOT / "Sources/CDLABuiltInModel/imagenet-1k.txt"
    synsets = [line.split()[0] for line in text.read_text().splitlines()]
    return torch.tensor([synsets.index(folder) for folder in folders])


def network_alone(options):
    """Images a second of the network by itself, streams as `dla evaluate` has them."""
    command = [
        str(options.dla.resolve()), "benchmark", "--weights", str(options.weights),
        "--batch-size", "8", "--threads", str(options.threads),
        "--streams", str(options.threads), "--seconds", "4", "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)[0]["images_per_second"]


def decoding(options, images):
    """Core seconds per image, from decoding to crop, less the start-up time."""

    def seconds(paths):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [str(options.dla.resolve()), "preprocess", *paths]
            command += ["--output", f"{folder}/crops.safetensors"]
            subprocess.run(command, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime - before.ru_utime

    one = str(next(options.data.rglob("*.JPEG")))
    return (seconds([str(options.data)]) - seconds([one])) / (images - 1)


def main():
    options = parse_arguments()
    if not os.access(options.dla, os.X_OK):
        sys.exit(f"{options.dla} is not a program; build it: swift build -c release")
    ours, peer = Ours(options), Peer(options)
    rounds = {"dla evaluate": [], "DataLoader and OpenVINO": []}
    alone, decode = [], []
    for _ in range(options.rounds):
        rounds["dla evaluate"].append(ours.round())
        alone.append(network_alone(options))
        decode.append(decoding(options, rounds["dla evaluate"][0]["images"]))
        rounds["DataLoader and OpenVINO"].append(peer.round())
    report(options, peer, rounds, statistics.median(alone), statistics.median(decode))


def report(options, peer, rounds, alone, decode):
    lines = [["", "images/s", "least", "most", "Top-1 right", "Top-5 right"]]
    medians = {}
    for name, taken in rounds.items():
        rates = [each["rate"] for each in taken]
        medians[name] = statistics.median(rates)
        lines.append(
            [name, *(f"{value:.1f}" for value in (medians[name], min(rates), max(rates))),
             str(taken[0]["top1_correct"]), str(taken[0]["top5_correct"])]
        )  # fmt: skip
    ours, theirs = medians.values()
    possible = 1 / (1 / alone + decode / options.threads)
    facts = [f"{key}: {value}" for key, value in compare.machine().items()]
    text = "\n".join(
        [
            f"# Evaluating {rounds['dla evaluate'][0]['images']} images, "
            f"{options.weights.stem}, 224×224, float32, {options.threads} threads",
            "",
            compare.aligned(lines),
            "",
            f"- dla evaluate ÷ the peer: {ours / theirs:.2f}",
            f"- The network alone (`benchmark --streams {options.threads}`): {alone:.1f} images/s; "
            f"decoding to crop: {decode * 1000:.2f} ms of one core per image; both on "
            f"{options.threads} cores: {possible:.1f} images/s, of which dla evaluate reaches "
            f"{ours / possible:.2f}.",
            f"- The peer's settings, the fastest of {len(peer.rates)}: {peer.details()}.",
            f"- Medians of {options.rounds} alternating rounds.",
            f"- {'; '.join(facts)}; commit: {compare.commit()}",
            "",
        ]
    )
    print(text, end="")
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
