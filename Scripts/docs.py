"""Extracts the symbol graphs of a public module and merges in the declarations that it re-exports.

    python3 Scripts/docs.py MODULE SYMBOLGRAPH_EXTRACT ARGUMENT... OUTPUT

`Sources/MODULE/Face.swift` lists the re-exports, one `@_exported import KIND MODULE.NAME` a line. Swift's
extractor leaves out members that extensions add to them, so the graphs of their modules are filtered here.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

module, *command, output = sys.argv[1:]
face = Path(f"Sources/{module}/Face.swift").read_text()
exports = re.findall(r"^@_exported import \w+ (\w+)\.(\w+)$", face, re.MULTILINE)
names = {name for _, name in exports}
merged = None
symbols, relationships = {}, []
for source in [module, *sorted({source for source, _ in exports})]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, "-module-name", source, "-output-dir", folder], check=True)
        for path in sorted(Path(folder).glob("*.symbols.json")):
            graph = json.loads(path.read_text())
            if path.name == f"{module}.symbols.json":
                merged = graph
            is_own = source == module and "@" not in path.name
            for symbol in graph["symbols"]:
                if is_own or symbol["pathComponents"][0] in names:
                    symbols[symbol["identifier"]["precise"]] = symbol
            relationships += graph["relationships"]
merged["symbols"] = list(symbols.values())
merged["relationships"] = [
    relationship
    for relationship in relationships
    if relationship["source"] in symbols
    and (relationship["target"] in symbols or "targetFallback" in relationship)
]
Path(output).write_text(json.dumps(merged))
