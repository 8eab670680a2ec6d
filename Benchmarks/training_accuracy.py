"""Accuracy of one recipe in PyTorch and in dla train, with the same number of seeds each.

    python Benchmarks/training_accuracy.py --dla .build/release/dla --data cifar10

Both train timm's dla46_c at 32×32 on CIFAR-10 by one recipe: SGD with Nesterov's momentum of 0.9,
weight decay 5e-4, a one-cycle schedule to 0.25 with a quarter of it rising, batches of 128, crops of
the image with four black pixels around it, flips, label smoothing 0.05. Weights are initialised as in
timm.
Needs torch, timm and Pillow.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import PIL.Image
import timm
import torch

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
BATCH, PEAK, DECAY, SMOOTHING, RISING = 128, 0.25, 5e-4, 0.05, 0.25


def images_and_labels(folder):
    """All images, [N, 3, 32, 32] bytes, and their classes in alphabetical order."""
    images, labels = [], []
    for label, name in enumerate(sorted(path.name for path in folder.iterdir())):
        for path in sorted((folder / name).iterdir()):
            images.append(numpy.asarray(PIL.Image.open(path).convert("RGB")))
            labels.append(label)
    stack = torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2).contiguous()
    return stack, torch.tensor(labels)


def normalized(images):
    return ((images.float() / 255 - MEAN) / DEVIATION).contiguous(
        memory_format=torch.channels_last
    )


def changed(images):
    """Random crops of the padded images, half of them mirrored."""
    count = images.shape[0]
    padded = torch.nn.functional.pad(images, (4, 4, 4, 4))
    rows = torch.randint(0, 9, (count, 1)) + torch.arange(32)
    columns = torch.randint(0, 9, (count, 1)) + torch.arange(32)
    columns = torch.where(torch.rand(count, 1) < 0.5, columns.flip(1), columns)
    crops = padded.permute(0, 2, 3, 1)[
        torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]
    ]
    return crops.permute(0, 3, 1, 2)


def train_pytorch(train, test, epochs, seed):
    torch.manual_seed(seed)
    model = timm.create_model("dla46_c", num_classes=10).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=PEAK, momentum=0.9, nesterov=True, weight_decay=DECAY
    )
    images, labels = train
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK, total_steps=epochs * steps, pct_start=RISING, cycle_momentum=False
    )
    loss = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(images))
        for step in range(steps):
            batch = order[step * BATCH : (step + 1) * BATCH]
            optimizer.zero_grad()
            loss(model(normalized(changed(images[batch]))), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    images, labels = test
    with torch.inference_mode():
        right = sum(
            int((model(normalized(part)).argmax(1) == label).sum())
            for part, label in zip(images.split(500), labels.split(500))
        )
    return 100 * right / len(images)


def train_dla(program, data, epochs, seed, threads):
    with tempfile.TemporaryDirectory() as folder:
        run = str(pathlib.Path(folder) / "run")
        command = [
            program, "train", "--data", str(data), "--output", run, "--model", "dla46_c",
            "--crop", "32", "--resize-short", "32", "--random-crop", "padded", "--padding", "4",
            "--epochs", str(epochs), "--batch-size", str(BATCH), "--schedule", "one-cycle",
            "--lr", str(PEAK), "--pct-start", str(RISING), "--weight-decay", str(DECAY),
            "--label-smoothing", str(SMOOTHING), "--validate-every", str(epochs),
            "--seed", str(seed), "--threads", str(threads),
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = pathlib.Path(run, "metrics.jsonl").read_text().splitlines()
    return 100 * json.loads(lines[-1])["validation"]["top1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dla", default=".build/release/dla")
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train = images_and_labels(options.data / "train")
    test = images_and_labels(options.data / "test")

    found = {"PyTorch": [], "dla": []}
    print("| seed | PyTorch Top-1 | seconds | dla Top-1 | seconds |")
    print("| ---: | ------------: | ------: | --------: | ------: |", flush=True)
    for seed in range(options.seeds):
        start = time.monotonic()
        found["PyTorch"].append(train_pytorch(train, test, options.epochs, seed))
        middle = time.monotonic()
        found["dla"].append(
            train_dla(options.dla, options.data, options.epochs, seed, options.threads)
        )
        end = time.monotonic()
        print(
            f"| {seed} | {found['PyTorch'][-1]:.2f} | {middle - start:.0f} "
            f"| {found['dla'][-1]:.2f} | {end - middle:.0f} |",
            flush=True,
        )
    means = {name: statistics.mean(values) for name, values in found.items()}
    print(
        f"\nmeans: PyTorch {means['PyTorch']:.2f}, dla {means['dla']:.2f}, "
        f"apart by {abs(means['PyTorch'] - means['dla']):.2f} points "
        f"(torch {torch.__version__}, timm {timm.__version__}, {options.epochs} epochs)"
    )


if __name__ == "__main__":
    main()
