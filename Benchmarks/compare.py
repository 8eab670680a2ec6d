"""Times `dla` beside OpenVINO, ONNX Runtime and PyTorch on the CPU: see README.md in this folder.

For each model and batch size the contenders alternate in rounds, and only one of them uses the CPUs
at a time. A round gives the median of its runs; the reported time is the median of the rounds. The
peers' settings are in peers.py.
"""

import argparse
import contextlib
import datetime
import importlib.metadata
import json
import math
import multiprocessing
import os
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers

ROOT = Path(__file__).resolve().parent.parent
MODELS = [
    "dla34", "dla46_c", "dla46x_c", "dla60", "dla60x", "dla60x_c",
    "dla102", "dla102x", "dla102x2", "dla169",
]  # fmt: skip
KNOWN_MODELS = MODELS + ["dla60_res2net", "dla60_res2next"]
#: A round counts as quiet while other programs use at most this share of the contender's CPUs.
QUIET = 0.05
PROCESSES = multiprocessing.get_context("spawn")


class Failure(Exception):
    """A contender could not run; the message is one line."""


# The command line


def names(allowed):
    def parse(text):
        chosen = list(allowed) if text == "all" else text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"unknown: {name} (of {', '.join(allowed)})")
        return list(dict.fromkeys(chosen))

    return parse


def positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def parse_arguments(arguments):
    def positives(text):
        return list(dict.fromkeys(positive(part) for part in text.split(",")))

    def duration(text):
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds <= 3600:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to 3600")
        return seconds

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--dla", type=Path, default=ROOT / ".build/release/dla", help="the dla command")
    add("--models", type=lambda text: MODELS if text == "all" else names(KNOWN_MODELS)(text),
        default=MODELS, help="timm's names, or all for the ten published ones (default)")
    add("--batch-sizes", type=positives, default=[1, 8], help="default 1,8")
    add("--threads", type=positive, default=2, help="of every contender (default 2)")
    add("--peers", type=names(peers.PEERS), default=["openvino", "onnxruntime"],
        help="of openvino, onnxruntime, pytorch, or all (default openvino,onnxruntime)")
    add("--rounds", type=positive, default=5, help="rounds of each contender (default 5)")
    add("--seconds", type=duration, default=1.0, help="length of a round (default 1)")
    add("--image-size", type=positive, default=224, help="a multiple of 32 (default 224)")
    add("--isa", choices=["avx2"], help="limit every contender that can be limited to AVX2")
    add("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dla-compare",
        help="where exported models are kept, outside the repository")
    add("--output", type=Path,
        help="write the report here as Markdown, and the result beside it as .json")
    add("--json", type=Path, help="write the result, with every round, here; chart.py draws it")
    options = parser.parse_args(arguments)
    if options.image_size % 32:
        parser.error(f"--image-size {options.image_size} is not a multiple of 32")
    if not os.access(options.dla, os.X_OK):
        parser.error(f"{options.dla} is not a program; build it: swift build -c release")
    if options.cache.resolve().is_relative_to(ROOT):
        parser.error("--cache is inside the repository; name a folder outside it")
    if options.output and not options.json:
        options.json = options.output.with_suffix(".json")
    if options.output and options.json == options.output:
        parser.error(f"{options.output}: the report is Markdown; name a file ending in .md")
    return options


def progress(line, end="\n"):
    """Replaces the progress line on a terminal; elsewhere prints only finished lines."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end=end, file=sys.stderr, flush=True)
    elif end:
        print(line, file=sys.stderr, flush=True)


# The contenders


class Ours:
    """`dla benchmark`, started anew for each round."""

    title = "ours"

    def __init__(self, options, model, batch_size):
        self.wanted = {
            "batch_size": batch_size,
            "image_size": options.image_size,
            "threads": options.threads,
        }
        self.model = model
        self.command = [
            str(options.dla.resolve()), "benchmark", "--model", model,
            "--batch-size", str(batch_size), "--threads", str(options.threads),
            "--seconds", str(options.seconds), "--image-size", str(options.image_size), "--json",
        ]  # fmt: skip
        if options.isa:
            self.command += ["--isa", options.isa]

    def round(self):
        used = children_cpu_seconds()
        done = subprocess.run(self.command, capture_output=True, text=True)
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise Failure(f"dla benchmark: status {done.returncode}: {last[0]}")
        try:
            (row,) = json.loads(done.stdout)
            found = {key: row[key] for key in self.wanted}
            same_model = row["model"].lower() == self.model
            float32 = row["precision"].lower() in ("float32", "fp32", "f32")
            median = float(row["median_ms"])
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Failure(f"dla benchmark: unexpected JSON: {problem!r}") from None
        if found != self.wanted or not same_model or not float32 or not median > 0:
            raise Failure(f"dla benchmark timed something else: {row}")
        kept = {key: row.get(key) for key in ("median_ms", "best_ms", "runs", "isa")}
        return {**kept, "cpu_seconds": children_cpu_seconds() - used}

    def close(self):
        pass


def children_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Peer:
    """A worker process that holds a compiled network and sleeps between its rounds."""

    def __init__(self, options, model, batch_size, name):
        self.title = peers.TITLES[name]
        self.seconds = options.seconds
        self.pipe, far_end = PROCESSES.Pipe()
        folder = peers.prepared_folder(options.cache, model, options.image_size)
        self.process = PROCESSES.Process(
            target=peers.serve,
            args=(far_end, name, folder, batch_size, options.threads, options.isa),
            daemon=True,
        )
        self.process.start()
        far_end.close()
        try:
            ready = self.reply()
        except Failure:
            self.close()
            raise
        self.details = ready["details"]
        self.error = ready["error"]

    def reply(self):
        try:
            reply = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise Failure(f"{self.title}: ended with status {self.process.exitcode}") from None
        if "failure" in reply:
            raise Failure(f"{self.title}: {reply['failure']}")
        return answer

    def round(self):
        try:
            self.pipe.send(self.seconds)
        except OSError:
            raise Failure(f"{self.title}: its process is gone") from None
        return self.reply()

    def close(self):
        with contextlib.suppress(OSError):
            self.pipe.send(None)
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
        self.pipe.close()


def prepare(options, model):
    """Exports a model, in a process of its own, unless the cache has it; returns its facts."""
    folder = peers.prepared_folder(options.cache, model, options.image_size)
    if not folder.exists():
        progress(f"{model}: exporting to ONNX", end="")
        process = PROCESSES.Process(
            target=peers.prepare, args=(options.cache, model, options.image_size)
        )
        process.start()
        process.join()
        if process.exitcode != 0:
            raise Failure(f"{model}: the export to ONNX failed")
    return json.loads((folder / "model.json").read_text())


def busy_seconds():
    """CPU seconds used by everyone, and those taken by a hypervisor; None where Linux is not."""
    try:
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _, _, interrupt, soft_interrupt, steal = map(int, fields)
    ticks = user + nice + system + interrupt + soft_interrupt + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def quiet_round(contender, threads):
    """Runs a round, repeated if other programs used the CPUs; keeps the least disturbed of five.

    `others` in the result is the share of `threads` CPUs that went to other programs.
    """
    quietest = None
    for _ in range(5):
        begin, before = time.perf_counter(), busy_seconds()
        taken = contender.round()
        if before is None:
            return {**taken, "others": None}
        others = busy_seconds() - before - taken["cpu_seconds"]
        taken["others"] = max(0, others / (time.perf_counter() - begin) / threads)
        if quietest is None or taken["others"] < quietest["others"]:
            quietest = taken
        if quietest["others"] <= QUIET:
            break
        time.sleep(1)
    return quietest


def measure(options, model, batch_size):
    """Returns one row of the table: every contender's rounds and median for a model and batch."""
    facts = prepare(options, model)
    row = {
        "model": model,
        "batch_size": batch_size,
        "multiply_adds": facts["multiply_adds"] * batch_size,
        "contenders": {},
        "failures": [],
    }
    makers = {"ours": lambda: Ours(options, model, batch_size)}
    for name in options.peers:
        makers[name] = lambda name=name: Peer(options, model, batch_size, name)
    contenders = {}
    try:
        for name, make in makers.items():
            progress(f"{model} batch {batch_size}: preparing {name}", end="")
            try:
                contenders[name] = make()
            except Failure as failure:
                row["failures"].append(str(failure))
        rounds = {name: [] for name in contenders}
        for index in range(options.rounds):
            for name in list(contenders):
                medians = "  ".join(f"{key} {figure(value):.2f}" for key, value in rounds.items()
                                    if value)
                progress(f"{model} batch {batch_size}: round {index + 1} of {options.rounds}, "
                         f"{name}  {medians}", end="")
                try:
                    rounds[name].append(quiet_round(contenders[name], options.threads))
                except Failure as failure:
                    row["failures"].append(str(failure))
                    contenders.pop(name).close()
                    rounds.pop(name)
        for name, taken in rounds.items():
            medians = [each["median_ms"] for each in quiet(taken) or taken]
            row["contenders"][name] = {
                "median_ms": figure(taken),
                "disturbed": not quiet(taken),
                "spread": max(medians) / min(medians) - 1,
                "details": getattr(contenders[name], "details", []),
                "logit_error": getattr(contenders[name], "error", None),
                "rounds": taken,
            }
    finally:
        for contender in contenders.values():
            contender.close()
    return row


def quiet(rounds):
    """The rounds that other programs did not disturb, as far as that is known."""
    return [each for each in rounds if each["others"] is None or each["others"] <= QUIET]


def figure(rounds):
    """The median over the quiet rounds, or where there are none, over all."""
    return statistics.median(each["median_ms"] for each in quiet(rounds) or rounds)


# The report


def best_peer(row, isa):
    """The milliseconds of the fastest peer that runs under the same conditions; None without."""
    times = [
        contender["median_ms"]
        for name, contender in row["contenders"].items()
        if name != "ours" and not (isa and name in peers.WITHOUT_AVX2_CAP)
    ]
    return min(times, default=None)


def ratio(options, row):
    """Best peer ÷ ours; None without both."""
    ours, best = row["contenders"].get("ours"), best_peer(row, options.isa)
    return best / ours["median_ms"] if ours and best else None


def disturbed(row):
    return any(contender["disturbed"] for contender in row["contenders"].values())


def table(options, rows):
    header = ["model", "batch", "ours ms"]
    header += [f"{peers.TITLES[name]} ms" for name in options.peers]
    header += ["best peer ÷ ours", "ours GFLOP/s"]
    lines = [header]
    for row in rows:
        cells = [row["model"], str(row["batch_size"])]
        for name in ["ours", *options.peers]:
            contender = row["contenders"].get(name)
            mark = "*" if contender and contender["disturbed"] else ""
            cells.append(f"{contender['median_ms']:.2f}{mark}" if contender else "failed")
        best = ratio(options, row)
        cells.append(f"{best:.2f}{'*' if disturbed(row) else ''}" if best else "–")
        ours = row["contenders"].get("ours")
        rate = 2 * row["multiply_adds"] / ours["median_ms"] / 1e6 if ours else None
        cells.append(f"{rate:.0f}" if rate else "–")
        lines.append(cells)
    return aligned(lines)


def aligned(lines):
    """A Markdown table from lines of cells, the header first; only the first column is text."""
    widths = [max(map(len, column)) for column in zip(*lines)]

    def render(line):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        return "| " + " | ".join(cells) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([render(lines[0]), render(rule), *map(render, lines[1:])])


def notes(options, rows):
    """What a reader must know beside the table."""
    lines = []
    ratios = [ratio(options, row) for row in rows if not disturbed(row)]
    ratios = [value for value in ratios if value]
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        lines.append(f"Best peer ÷ ours: geometric mean {mean:.2f}, least {min(ratios):.2f}.")
    lines.append(
        "GFLOP/s counts two operations for each multiply-add of the convolutions as they are "
        "defined; Winograd's algorithm does fewer, so this may exceed the hardware's peak."
    )
    spreads = [
        (contender["spread"], name, row["model"], row["batch_size"])
        for row in rows
        for name, contender in row["contenders"].items()
    ]
    if spreads and options.rounds > 1:
        spread, name, model, batch_size = max(spreads)
        lines.append(
            f"Slowest round over fastest: at most {spread:+.0%} ({name}, {model}, batch "
            f"{batch_size}), {statistics.median(each[0] for each in spreads):+.0%} in the middle."
        )
    shares = [
        taken["others"]
        for row in rows
        for contender in row["contenders"].values()
        for taken in contender["rounds"]
        if taken["others"] is not None
    ]
    if shares:
        loud = sum(share > QUIET for share in shares)
        lines.append(
            f"Rounds left out because other programs used more than {QUIET:.0%} of the CPUs, "
            f"after five tries: {loud} of {len(shares)}."
        )
    if any(map(disturbed, rows)):
        lines.append("*: every round was disturbed by other programs; unreliable, not in the mean.")
    for name in options.peers:
        found = {
            detail
            for row in rows
            if name in row["contenders"]
            for detail in row["contenders"][name]["details"]
        }
        if found:
            lines.append(f"{peers.TITLES[name]} ran: {', '.join(sorted(found))}.")
    isas = {
        each.get("isa")
        for row in rows
        if "ours" in row["contenders"]
        for each in row["contenders"]["ours"]["rounds"]
    }
    if isas:
        lines.append(f"Ours ran: {', '.join(sorted(map(str, isas)))}.")
    if options.isa:
        lines.append("Held to AVX2: " + ", ".join(
            ["ours", *(peers.TITLES[name] for name in options.peers
                       if name not in peers.WITHOUT_AVX2_CAP)]) + ".")
        for name in options.peers:
            if name in peers.WITHOUT_AVX2_CAP:
                lines.append(f"{peers.TITLES[name]} has no switch for it, used all that the CPU "
                             "has, and is left out of the ratio.")
    lines += [f"Failed: {failure}" for row in rows for failure in row["failures"]]
    return lines


def machine():
    """The CPU, its vector instructions and its cores, without the host's name."""
    model, flags = platform.processor() or platform.machine(), set()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    known = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_tile"]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "CPU": model,
        "instructions": " ".join(flag for flag in known if flag in flags) or "not known",
        "cores": cores,
        "kernel": f"{platform.system()} {platform.release()}",
    }


def commit():
    def git(*arguments):
        done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    found = git("rev-parse", "--short=10", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no")
    return f"{found} with uncommitted changes" if found and changed else found or "not known"


def command_line(options):
    """The command that repeats this run, without local paths."""
    words = ["python", "Benchmarks/compare.py", "--models", ",".join(options.models)]
    words += ["--batch-sizes", ",".join(map(str, options.batch_sizes))]
    words += ["--threads", str(options.threads), "--peers", ",".join(options.peers)]
    words += ["--rounds", str(options.rounds), "--seconds", f"{options.seconds:g}"]
    words += ["--image-size", str(options.image_size)]
    words += ["--isa", options.isa] if options.isa else []
    return shlex.join(words)


def circumstances(options):
    versions = {"Python": platform.python_version()}
    for package in [*(peers.PACKAGES[name] for name in options.peers), "timm", "torch", "onnx"]:
        versions[package] = importlib.metadata.version(package)
    load = "not known"
    with contextlib.suppress(OSError):
        load = f"{os.getloadavg()[0]:.2f} at the start"
    return {
        **machine(),
        "load": load,
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "commit": commit(),
        "command": command_line(options),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    }


def result(options, facts, rows):
    """The report for programs: the conditions, then a row on each line, to keep the file small."""
    conditions = {
        **facts,
        "precision": "float32",
        "image_size": options.image_size,
        "threads": options.threads,
        "isa": options.isa,
        "peers": options.peers,
    }
    start = json.dumps(conditions, indent=1).removesuffix("\n}")
    rounded = json.loads(json.dumps(rows), parse_float=lambda text: float(f"{float(text):.6g}"))
    return start + ',\n "rows": [\n' + ",\n".join(map(json.dumps, rounded)) + "\n ]\n}\n"


def report(options, facts, rows):
    limit = ", held to AVX2" if options.isa else ""
    threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
    title = f"# `dla` beside its peers: float32, {threads}, {options.image_size}²{limit}"
    listing = [
        f"- {name}: `{value}`" if name == "command" else f"- {name}: {value}"
        for name, value in facts.items()
    ]
    remarks = [f"- {line}" for line in notes(options, rows)]
    return "\n".join([title, "", table(options, rows), "", *remarks, "", *listing, ""])


def write(path, text):
    """Writes beside and renames, so that the file is never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".partial")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def main():
    options = parse_arguments(sys.argv[1:])
    if options.isa == "avx2":
        os.environ.update(peers.AVX2_ENVIRONMENT)
    facts = circumstances(options)
    rows = []
    for model in options.models:
        for batch_size in options.batch_sizes:
            try:
                row = measure(options, model, batch_size)
            except Failure as failure:
                progress(str(failure))
                row = {"model": model, "batch_size": batch_size, "contenders": {},
                       "failures": [str(failure)]}
            rows.append(row)
            figures = ", ".join(f"{name} {contender['median_ms']:.2f} ms"
                                for name, contender in row["contenders"].items())
            progress(f"{model} batch {batch_size}: {figures or 'nothing ran'}")
            if options.output:
                write(options.output, report(options, facts, rows))
            if options.json:
                write(options.json, result(options, facts, rows))
    print(table(options, rows))
    for line in notes(options, rows):
        print(f"\n{line}")
    return 1 if any(row["failures"] for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as problem:
        sys.exit(f"compare.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
