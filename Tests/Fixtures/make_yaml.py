"""Makes Tests/Fixtures/yaml.json: documents of YAML and what PyYAML makes of them.

Run with PyYAML: python Tests/Fixtures/make_yaml.py
A value has its line, counted from 1. Dates are texts here, and keys are their own texts, whatever
they resolve to.
"""

import json
import pathlib

import yaml

SCALARS = """
~ null Null NULL nULL None
true True TRUE tRUE yes Yes YES no No NO on On ON off Off OFF y n Y N false False FALSE
0 -0 +0 1 -1 +1 007 08 010 -010 0b101 -0b11 0b12 0x1F 0xfg +0xA 1_000 1__0 _1 1_ 0_7 0o17
1:30 -1:30 1:60 190:20:30 1:2:3:4 0:30 1:5 01:30
9223372036854775807 -9223372036854775807 12345678901234567890123
0.5 -0.5 +0.5 .5 -.5 +.5 5. 5.e+3 1.5e3 1.5e+3 1.5E-3 1e-4 1e4 1e+4 1.e4 .5e-3 .5e3 1_0.5_0 ._5
0.0001 1.0/255.0 1:30.5 20:59.25 1.5.2 1.2.3.4 . .. .e+3 +.e+3 - -- 1- 1e 1.0e+ 0.1.e+1
.inf .Inf .INF -.inf +.inf -.Inf .iNF inf nan .nan .NaN .NAN -.nan
2001-01-01 12e03 0x 0b 0xG 00 000 0. -0. 0.0 1,000 a:b a#b ./output/ C:\\\\x =
""".split()

DOCUMENTS = [
    "",
    "# nothing but a comment\n",
    "--- text\n...\n",
    "a: 1\n",
    "\ufeffa: 1\nb: 2\n",
    "a: 1\r\nb:\r\n  c: 2\r\n",
    "a:\n  - 1\n  - b\n  -\n  - - 2\n    - 3\nb:\n- x: 1\n  y: 2\n- z:\n",
    "a: [1, 2.5, 'x', \"y\", null, [true, []], {}]\nb: {c: 1, d: {e: }, 'f g': 2}\n",
    "a: ''\nb: \"\"\nc: ' '\nd:\ne: ~\n",
    "a: 'it''s'\nb: \"tab\\t, nul-free, \\u00e9, \\\"quoted\\\"\"\nc: \"two\n  lines\"\n",
    "a: |\n  one\n   two\n\n  three\nb: >-\n  folded\n  text\n\n  more\nc: |+\n  kept\n\n",
    "a: plain text\n  goes on\n\n  after a gap\nb: # comment\n  c # not: one\n",
    "'1': one\n2: two\ntrue: three\n~: four\n? five\n: 5\n",
    "a: 1\n\n\n# gap\n\nb:\n\n  c:\n\n\n    - d\n",
    "a:\n- b:\n  - c:\n    - d\n",
    "- - - 1\n    - 2\n  - 3\n- 4\n",
    "%YAML 1.1\n---\na: 1\n",
    "é: ü\n日本: 語\n🙂: \"\\U0001F642\"\n",
    "a: [\n  1,\n  2, # two\n  3\n  ]\nb: {x: 1,\n    y: 2}\n",
    "key with spaces : value with: colon? no\n".replace(": colon", ":colon"),
    "scale: 1.0/255.0\norder: ''\npath: ./dataset/ILSVRC2012/\nurl: https://host/a?b=c\n",
]

BROKEN = [
    "a: b: c\n",
    "a: [1, 2\n",
    "a: {b: 1\n",
    "a: 'open\n",
    'a: "\\q"\n',
    "a:\n\t- 1\n",
    "a: 1\n b: 2\n",
    "- a\nb\n",
    "a: 1\n--- \nb: 2\n",
    "a: @x\n",
    "a: `x\n",
    "a: %x\n",
    "a: *unknown\n",
    "a: !!python/object/apply:os.system [ls]\n",
    "]\n",
    "a: [}\n",
    "a\n  b: 1\n",
    "a: \u0001\n",
    "%YAML 1.1\na: 1\n",
    "{a: 1}}\n",
]


def scalar(node, loader):
    tag = node.tag.rsplit(":", 1)[1]
    if tag in ("null", "bool", "int", "float"):
        value = loader.construct_object(node)
        if tag == "float" or (tag == "int" and abs(value) >= 2**63):
            return {"float": repr(float(value))}
        return {tag: True if tag == "null" else value}
    return {"text": node.value}


def tree(node, loader):
    result = {"line": node.start_mark.line + 1}
    if isinstance(node, yaml.ScalarNode):
        return result | scalar(node, loader)
    if isinstance(node, yaml.SequenceNode):
        return result | {"list": [tree(item, loader) for item in node.value]}
    entries = [
        {"key": key.value, "line": key.start_mark.line + 1, "value": tree(value, loader)}
        for key, value in node.value
    ]
    return result | {"mapping": entries}


def read(text):
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    return {"line": 1, "null": True} if node is None else tree(node, loader)


def safe(text):
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return False
    return True


def main():
    # What resolves to a number that can't be made is of no use as an example.
    scalars = [f"a: {text}\n" for text in SCALARS if safe(f"a: {text}\n")]
    result = {
        "documents": [{"text": text, "tree": read(text)} for text in DOCUMENTS + scalars],
        "broken": BROKEN,
    }
    assert not any(safe(text) for text in BROKEN), [text for text in BROKEN if safe(text)]
    path = pathlib.Path(__file__).with_name("yaml.json")
    path.write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n")


main()
