"""Measures how far `dla`'s logits and PyTorch's float32 ones lie from float64: see README.md.

Every network gets weights that follow from their names alone, so that anyone can repeat the
figures. An error is the L2 norm of the difference from the float64 logits over the norm of these;
of a batch, the image with the largest counts. The exit status is 1 if one is too large or missing,
2 if nothing could be measured.
"""

import argparse
import datetime
import math
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import compare
import peers
from compare import Failure, progress

#: Each input's shape; its values follow from its name.
INPUTS = {"224": (2, 3, 224, 224), "256x320": (1, 3, 256, 320)}
#: Values of `--isa`: the best that the hardware has, or one that limits `dla run`.
ISAS = ["best", "avx512", "avx2", "portable"]
#: The largest accepted error of ours, and how many times PyTorch's it may be.
LARGEST_ERROR = 2e-5
LARGEST_RATIO = 4


class Unusable(Exception):
    """Nothing can be measured; the message is one line."""


# The command line


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--dla", type=Path, default=compare.ROOT / ".build/release/dla", help="the dla command")
    add("--models", type=compare.names(compare.KNOWN_MODELS), default=compare.KNOWN_MODELS,
        help="timm's names, or all twelve (default)")
    add("--threads", type=compare.positive, default=2,
        help="threads of dla and PyTorch (default 2)")
    add("--isa", type=compare.names(ISAS), default=["best"],
        help="instruction sets of dla: best (default), avx512, avx2, portable")
    add("--fixtures", type=Path,
        help="a folder whose expected-inference.safetensors has the float64 logits as "
        "<model>/<input>/logits; without it timm computes them")
    add("--output", type=Path, help="write the report here as Markdown")
    options = parser.parse_args(arguments)
    if not (options.dla.is_file() and os.access(options.dla, os.X_OK)):
        raise Unusable(f"{options.dla} is not a program; build it: swift build -c release")
    if options.fixtures:
        options.fixtures /= "expected-inference.safetensors"
        if not options.fixtures.is_file():
            raise Unusable(f"{options.fixtures}: no such file")
    return options


# Weights and inputs that follow from their names


def uniform(key, shape):
    """Numbers in [-1, 1): SplitMix64 from the FNV-1a hash of the key, in C order."""
    import numpy

    state = 0xCBF29CE484222325
    for byte in key.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    z = numpy.arange(1, math.prod(shape) + 1, dtype=numpy.uint64)
    z *= numpy.uint64(0x9E3779B97F4A7C15)
    z += numpy.uint64(state)
    for shift, factor in [(30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)]:
        z ^= z >> numpy.uint64(shift)
        z *= numpy.uint64(factor)
    z ^= z >> numpy.uint64(31)
    return ((z >> numpy.uint64(40)) / 2.0**23 - 1).reshape(shape)


def keyed_network(model):
    """timm's network with weights at the scale of a trained one's; like peers.fill's, but keyed."""
    import timm
    import torch

    network = timm.create_model(model, pretrained=False).eval()
    joins_shortcut = peers.shortcut_norms(model)
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            continue
        value = uniform(f"{model}/{name}", tuple(tensor.shape))
        if name.endswith("running_var"):
            value = 1 + 0.5 * value
        elif name.endswith(("running_mean", "bias")):
            value = 0.1 * value
        elif tensor.dim() == 4:
            value = value * math.sqrt(5 / tensor[0].numel())
        else:
            value = (0.2 if name.endswith(joins_shortcut) else 1) * (1 + 0.2 * value)
        tensor.copy_(torch.from_numpy(value))  # Rounds to float32.
    return network


def keyed_input(tag):
    return (2 * uniform(f"input/{tag}", INPUTS[tag])).astype("float32")


# The measurement


def run_dla(options, model, isa, folder, tag):
    """The logits of `dla run`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    output = folder / "logits.safetensors"
    output.unlink(missing_ok=True)
    command = [
        options.dla.resolve(), "run", "--model", model, "--weights", folder / "weights.safetensors",
        "--input", folder / f"{tag}.safetensors", "--output", output,
        "--threads", str(options.threads),
    ]  # fmt: skip
    command += [] if isa == "best" else ["--isa", isa]
    # These weights will not be met again: nothing of them is worth keeping.
    environment = {**os.environ, "DLA_CACHE": "off"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise Failure(f"dla run, {isa}: status {done.returncode}: {last[0]}")
    try:
        return load_file(output)["logits"]
    except (OSError, KeyError, SafetensorError):
        raise Failure(f"dla run, {isa}: it wrote no logits") from None


def expected_logits(options, model, inputs):
    """The float64 logits of each input: from the fixtures, or else computed by timm."""
    import safetensors
    import torch

    if options.fixtures:
        try:
            with safetensors.safe_open(options.fixtures, "np") as file:
                found = {tag: file.get_tensor(f"{model}/{tag}/logits") for tag in inputs}
        except safetensors.SafetensorError as problem:
            raise Unusable(f"{options.fixtures}: {problem}") from None
        if any(logits.dtype != "float64" for logits in found.values()):
            raise Unusable(f"{options.fixtures}: {model}'s logits are not float64")
        return found
    network = keyed_network(model).double()
    with torch.inference_mode():
        return {
            tag: network(torch.from_numpy(images).double()).numpy()
            for tag, images in inputs.items()
        }


def worst_error(logits, expected):
    """The relative L2 error of the worst image."""
    from numpy.linalg import norm

    if logits.shape != expected.shape:
        raise Failure(f"logits of shape {logits.shape} where {expected.shape} belongs")
    error = float((norm(logits - expected, axis=1) / norm(expected, axis=1)).max())
    if not math.isfinite(error):
        raise Failure("logits that are not finite")
    return error


def measure(options, model):
    """One row for each input: PyTorch's error, and ours for each instruction set."""
    import torch
    from safetensors.numpy import save_file

    inputs = {tag: keyed_input(tag) for tag in INPUTS}
    progress(f"{model}: float64", end="")
    expected = expected_logits(options, model, inputs)
    network = keyed_network(model)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        save_file(weights, folder / "weights.safetensors")
        for tag, images in inputs.items():
            row = {"model": model, "input": tag, "ours": {}, "failures": []}
            rows.append(row)
            save_file({"input": images}, folder / f"{tag}.safetensors")
            with torch.inference_mode():
                logits = network(torch.from_numpy(images)).numpy()
            row["pytorch"] = worst_error(logits, expected[tag])
            for isa in options.isa:
                progress(f"{model} {tag}: {isa}", end="")
                try:
                    logits = run_dla(options, model, isa, folder, tag)
                    row["ours"][isa] = worst_error(logits, expected[tag])
                except Failure as failure:
                    row["failures"].append(f"{model} {tag}: {failure}")
    return rows


# The report


def too_large(row, isa):
    error = row["ours"][isa]
    return error > LARGEST_ERROR or error > LARGEST_RATIO * row["pytorch"]


def table(options, rows):
    header = ["model", "input", "PyTorch float32"]
    for isa in options.isa:
        title = "ours" if isa == "best" else f"ours, {isa}"
        header += [title, "÷ PyTorch" if len(options.isa) > 1 else "ours ÷ PyTorch"]
    lines = [header]
    for row in rows:
        lines.append([row["model"], row["input"], f"{row['pytorch']:.1e}"])
        for isa in options.isa:
            if isa in row["ours"]:
                mark = "*" if too_large(row, isa) else ""
                ratio = row["ours"][isa] / row["pytorch"]
                lines[-1] += [f"{row['ours'][isa]:.1e}{mark}", f"{ratio:.2f}"]
            else:
                lines[-1] += ["failed", "–"]
    return compare.aligned(lines)


def notes(options, rows):
    """What a reader must know beside the table."""
    source = "the fixtures" if options.fixtures else "timm in float64, in the same run"
    batches = ", ".join(f"{tag} is {'×'.join(map(str, shape))}" for tag, shape in INPUTS.items())
    lines = [
        "An error is ‖logits − expected‖ ÷ ‖expected‖, of the worst image of the batch. Expected: "
        f"{source}. {batches}. PyTorch: eager."
    ]
    for isa in options.isa:
        done = [row for row in rows if isa in row["ours"]]
        if done:
            worst = max(done, key=lambda row: row["ours"][isa])
            ratios = [row["ours"][isa] / row["pytorch"] for row in done]
            lines.append(
                f"Ours, {isa}: at most {worst['ours'][isa]:.1e} ({worst['model']}, "
                f"{worst['input']}); ÷ PyTorch geometric mean "
                f"{statistics.geometric_mean(ratios):.2f}, at most {max(ratios):.2f}."
            )
    if any(too_large(row, isa) for row in rows for isa in row["ours"]):
        lines.append(f"*: above {LARGEST_ERROR:.0e} or {LARGEST_RATIO} × PyTorch's.")
    return lines + [f"Failed: {failure}" for row in rows for failure in row["failures"]]


def best_isa(options):
    """What `dla` takes for the best, as `dla info` says."""
    done = subprocess.run([options.dla.resolve(), "info"], capture_output=True, text=True)
    found = [line.split()[-1] for line in done.stdout.splitlines() if "instruction set" in line]
    return found[0] if done.returncode == 0 and found else "not known"


def command_line(options):
    """The command that repeats this run, without local paths."""
    words = ["python", "Benchmarks/accuracy.py"]
    if options.models != compare.KNOWN_MODELS:
        words += ["--models", ",".join(options.models)]
    words += ["--threads", str(options.threads), "--isa", ",".join(options.isa)]
    words += ["--fixtures", "FIXTURES"] if options.fixtures else []
    return shlex.join(words)


def circumstances(options):
    import numpy
    import safetensors
    import timm
    import torch

    versions = {"Python": platform.python_version()}
    for package in [torch, timm, numpy, safetensors]:
        versions[package.__name__] = package.__version__
    return {
        **compare.machine(),
        "best instructions of ours": best_isa(options),
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "commit": compare.commit(),
        "command": f"`{command_line(options)}`",
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    }


def report(options, facts, rows):
    threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
    title = f"# Accuracy beside PyTorch's: float32, {threads}"
    remarks = [f"- {line}" for line in notes(options, rows)]
    listing = [f"- {name}: {value}" for name, value in facts.items()]
    return "\n".join([title, "", table(options, rows), "", *remarks, "", *listing, ""])


def main():
    options = parse_arguments(sys.argv[1:])
    try:
        facts = circumstances(options)
        import torch
    except ImportError as problem:
        raise Unusable(f"{problem}; see README.md in this folder") from None
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("highest")
    rows = []
    for model in options.models:
        measured = measure(options, model)
        rows += measured
        for row in measured:
            figures = [f"{isa} {error:.1e}" for isa, error in row["ours"].items()]
            figures.insert(0, f"PyTorch {row['pytorch']:.1e}")
            progress(f"{model} {row['input']}: {', '.join(figures)}")
            for failure in row["failures"]:
                progress(failure)
        if options.output:
            compare.write(options.output, report(options, facts, rows))
    print(table(options, rows))
    for line in notes(options, rows):
        print(f"\n{line}")
    failed = any(row["failures"] for row in rows)
    return 1 if failed or any(too_large(row, isa) for row in rows for isa in row["ours"]) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Unusable, Failure) as problem:
        print(f"accuracy.py: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
