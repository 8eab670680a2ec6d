"""Draws a result of compare.py as an SVG: the speed of each contender relative to the fastest peer.

One column for each batch size, one group of bars for each model. Needs only the standard library.
"""

import argparse
import json
import sys
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

import compare
import peers

TITLES = {"ours": "swift-dla", **peers.TITLES}
#: Where a result comes from; each is one line of text in the file.
ORIGIN = ["CPU", "instructions", "versions", "commit", "date", "precision"]
#: Far above the largest result; keeps a wrong file from filling the memory.
LARGEST_FILE = 16 << 20

# All lengths are in pixels, at the width that GitHub shows a README in.
WIDTH = 800
MARGIN = 16
COLUMNS = 3
COLUMN_GAP = 16
BAR = 10
PITCH = 13
GROUP_GAP = 8
#: The width of a character at most, as a share of the font's size: readers' fonts differ.
CHARACTER = 0.66

#: The figures' outline in the card's colour keeps the line at 1.00 from crossing them out.
#: The card has a background of its own: a page's theme and the reader's system may disagree.
STYLE = """
text { font: 11px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.title { font-size: 15px; font-weight: 600; }
.model, .batch { font-size: 12px; font-weight: 600; }
.figure { font-size: 10px; paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }
.own { font-weight: 700; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.figure { stroke: #ffffff; }
.strong { fill: #1f2328; }
.weak { fill: #59636e; }
.rule { fill: #d1d9e0; }
.line { stroke: #818b98; stroke-dasharray: 3 3; }
.apart { opacity: 0.45; }
.ours { fill: #e8590c; }
.openvino { fill: #3b82d6; }
.onnxruntime { fill: #4fa8a0; }
.pytorch { fill: #9a86c9; }
@media (prefers-color-scheme: dark) {
.card { fill: #0d1117; stroke: #3d444d; }
.figure { stroke: #0d1117; }
.strong { fill: #f0f6fc; }
.weak { fill: #9198a1; }
.rule { fill: #2a313c; }
.ours { fill: #ff7b39; }
}
"""


class Failure(Exception):
    """The chart cannot be drawn; the message is one line."""


# The result


def read(path):
    """Reads a result and checks all that is drawn."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise Failure(f"{path}: {problem.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise Failure(f"{path}: more than {LARGEST_FILE >> 20} MiB, not a result of compare.py")
    try:
        result = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise Failure(f"{path}: not JSON: {problem}") from None
    problem = problem_with(result)
    if problem:
        raise Failure(f"{path}: not a result of compare.py: {problem}")
    return result


def problem_with(result):
    """What keeps a JSON value from being drawn, or None."""
    if not isinstance(result, dict):
        return "not an object"
    for key in ORIGIN:
        if not isinstance(result.get(key), str):
            return f"{key} is not text"
    for key in ["threads", "image_size"]:
        if not is_count(result.get(key)):
            return f"{key} is not a whole number of 1 or more"
    if result.get("isa", "") not in (None, "avx2"):
        return "isa is neither null nor avx2"
    names = result.get("peers")
    if not isinstance(names, list) or not all(is_key(name, peers.PEERS) for name in names):
        return f"peers is not a list of {', '.join(peers.PEERS)}"
    rows = result.get("rows")
    if not isinstance(rows, list) or not rows:
        return "rows is not a list with a row or more"
    seen = set()
    for number, row in enumerate(rows, 1):
        problem = problem_with_row(row, names)
        if problem:
            return f"row {number}: {problem}"
        if (row["model"], row["batch_size"]) in seen:
            return f"row {number}: {row['model']} at batch {row['batch_size']} once more"
        seen.add((row["model"], row["batch_size"]))
    return None


def problem_with_row(row, names):
    if not isinstance(row, dict):
        return "not an object"
    if not is_key(row.get("model"), compare.KNOWN_MODELS):
        return "model is not the name of one"
    if not is_count(row.get("batch_size")):
        return "batch_size is not a whole number of 1 or more"
    contenders = row.get("contenders")
    if not isinstance(contenders, dict):
        return "contenders is not an object"
    for name, contender in contenders.items():
        if name not in ("ours", *names):
            return "a contender is not among its peers"
        if not isinstance(contender, dict) or not isinstance(contender.get("disturbed"), bool):
            return f"{name}: disturbed is not true or false"
        time = contender.get("median_ms")
        if isinstance(time, bool) or not isinstance(time, (int, float)) or not 1e-3 <= time <= 1e7:
            return f"{name}: median_ms is not a time"
    return None


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000


def is_key(value, keys):
    return isinstance(value, str) and value in keys


# The drawing


def clean(text):
    """Text for XML, which forbids most control characters even when they are escaped."""
    return escape("".join(each if each.isprintable() else "\ufffd" for each in text))


def label(x, y, content, style, anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">'
            f"{clean(content)}</text>")


def rectangle(x, y, width, height, style, remark=None):
    title = f"<title>{clean(remark)}</title>" if remark else ""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'class="{style}">{title}</rect>')


def figure(row, name, isa):
    """A contender's speed as a share of the fastest peer's, None without, and its text."""
    contender, best = row["contenders"].get(name), compare.best_peer(row, isa)
    if contender is None:
        return None, "failed"
    mark = "*" if compare.disturbed(row) else ""  # A share is no better than the time it divides.
    if best is None:
        return None, f"{contender['median_ms']:.2f} ms{mark}"
    speed = best / contender["median_ms"]
    return speed, f"{speed:.2f}{'×' if name == 'ours' else ''}{mark}"


def group(row, names, isa, x, y, scale):
    """The bars of one model at one batch size; `scale` is the width of a speed of 1."""
    parts = []
    for index, name in enumerate(names):
        top = y + index * PITCH
        speed, text = figure(row, name, isa)
        end = x
        if speed is not None:
            end += speed * scale
            remark = (f"{TITLES[name]}, {row['model']}, batch {row['batch_size']}: "
                      f"{row['contenders'][name]['median_ms']:.2f} ms")
            apart = " apart" if isa and name in peers.WITHOUT_AVX2_CAP else ""
            parts.append(rectangle(x, top, end - x, BAR, name + apart, remark))
        style = "figure strong own" if name == "ours" else "figure weak"
        parts.append(label(end + 4, top + BAR - 1.5, text, style))
    return parts


def legend(names, y):
    parts, x = [], MARGIN
    for name in names:
        parts.append(rectangle(x, y - 9, 10, 10, name))
        parts.append(label(x + 15, y, TITLES[name], "strong own" if name == "ours" else "strong"))
        x += 15 + len(TITLES[name]) * 12 * CHARACTER + 16
    return parts


def paragraph(text, y, style, lines=3):
    """Wrapped text, and the y below it."""
    width = int((WIDTH - 2 * MARGIN) / (11 * CHARACTER * 0.9))
    broken = textwrap.wrap(text, width, max_lines=lines, placeholder=" …")
    return [label(MARGIN, y + 15 * index, line, style) for index, line in enumerate(broken)], (
        y + 15 * len(broken))


def title(result):
    threads = f"{result['threads']} thread" + ("s" if result["threads"] > 1 else "")
    size = f"{result['image_size']}×{result['image_size']}"
    limit = ", held to AVX2" if result["isa"] else ""
    precision = result["precision"][:20]
    return f"Speed beside the fastest peer: {precision}, {threads}, {size}{limit}"


def remarks(result):
    """What a reader must know to understand the bars."""
    lines = [
        "Images per second beside the fastest peer's, which is the dashed line at 1.00: "
        "longer is faster."
    ]
    apart = [TITLES[name] for name in result["peers"]
             if result["isa"] and name in peers.WITHOUT_AVX2_CAP]
    if apart:
        lines.append(f"Pale: {', '.join(apart)} cannot be held to AVX2 and does not count.")
    if any(map(compare.disturbed, result["rows"])):
        lines.append("*: other programs disturbed the measurement; not to be relied on.")
    return lines


def draw(result):
    names = ["ours", *dict.fromkeys(result["peers"])]
    isa = result["isa"]
    rows = {(row["model"], row["batch_size"]): row for row in result["rows"]}
    models = list(dict.fromkeys(row["model"] for row in result["rows"]))
    batch_sizes = list(dict.fromkeys(row["batch_size"] for row in result["rows"]))

    figures = [figure(row, name, isa) for row in rows.values() for name in names]
    room = 8 + max(len(text) for _, text in figures) * 10 * CHARACTER
    left = MARGIN + 8 + max(map(len, models)) * 12 * CHARACTER
    columns = min(len(batch_sizes), COLUMNS)
    column = (WIDTH - MARGIN - left - (columns - 1) * COLUMN_GAP) / columns
    scale = (column - room) / max([1, *(speed for speed, _ in figures if speed is not None)])
    step = len(names) * PITCH - (PITCH - BAR) + GROUP_GAP

    parts = [label(MARGIN, 28, title(result), "title strong"), *legend(names, 52)]
    y = 74
    for line in remarks(result):
        lines, y = paragraph(line, y, "weak")
        parts += lines
    y += 12
    for first in range(0, len(batch_sizes), columns):
        shown = batch_sizes[first : first + columns]
        parts += [label(left + index * (column + COLUMN_GAP), y, f"batch {size}", "batch strong")
                  for index, size in enumerate(shown)]
        y += 8
        for index in range(len(shown)):
            x = left + index * (column + COLUMN_GAP) + scale
            bottom = y + len(models) * step
            parts.append(f'<path d="M{x:.1f} {y:.1f}V{bottom:.1f}" class="line"/>')
        for model in models:
            parts.append(rectangle(MARGIN, y, WIDTH - 2 * MARGIN, 1, "rule"))
            middle = y + step / 2 + 4
            parts.append(label(left - 8, middle, model, "model strong", "end"))
            for index, size in enumerate(shown):
                if (model, size) in rows:
                    x = left + index * (column + COLUMN_GAP)
                    parts += group(rows[model, size], names, isa, x, y + GROUP_GAP / 2, scale)
            y += step
        y += 24
    for line in [
        f"{result['CPU']} ({result['instructions']}).",
        f"swift-dla at commit {result['commit']}, {result['date']}.",
        f"{result['versions']}.",
    ]:
        lines, y = paragraph(line, y, "weak")
        parts += lines
    height = y + 2
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}">',
        f'<title id="title">{clean(title(result))}</title>',
        f"<style>{STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="6" '
        'class="card"/>',
        *parts,
        "</svg>",
        "",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path, help="the .json file that compare.py wrote")
    parser.add_argument("--output", type=Path, required=True, help="write the SVG here")
    options = parser.parse_args()
    if options.output.suffix != ".svg":
        parser.error(f"{options.output}: the chart is an SVG; name a file ending in .svg")
    if options.output.resolve() == options.result.resolve():
        parser.error(f"{options.output}: the chart would replace the result")
    try:
        compare.write(options.output, draw(read(options.result)))
    except Failure as failure:
        sys.exit(f"chart.py: {failure}")
    except OSError as problem:
        sys.exit(f"chart.py: {options.output}: {problem.strerror}")


if __name__ == "__main__":
    main()
