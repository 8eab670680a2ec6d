"""Makes hostile/ and other/: files that no reader may believe, run or choke on.

Standard library only. See make.py. Nothing is unpickled here: what a pickle is said to be is
checked with pickletools, which only reads opcodes.
"""
import gzip
import io
import pathlib
import pickletools
import shutil
import struct
import tarfile
import zlib

import builders as b
from builders import Entry, call, dict_of, glob, integer, list_of, pickle, tensor, text, tuple_of

FOLDER = pathlib.Path(__file__).parent
TABLE = {}
ENDING = {"pickle": ".pdparams", "zip": ".pt", "legacy": ".pth"}
GOOD = pickle(dict_of([("weight", tensor())]))


def write(kind, name, what, data):
    file = f"{kind}/{name}{ENDING[kind]}"
    assert file not in TABLE, file
    path = FOLDER / "hostile" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    TABLE[file] = what


def opcodes(data):
    """Whether all opcodes to STOP can be read and nothing follows."""
    stream = io.BytesIO(data)
    try:
        for _ in pickletools.genops(stream):
            pass
    except ValueError:
        return False
    return stream.tell() == len(data)


def raw(name, what, data, whole=True):
    assert opcodes(data) == whole, name
    write("pickle", name, what, data)


def everywhere(name, what, value):
    """A value of the dictionary's only key: as a bare pickle, in a zip, in a legacy stream."""
    data = pickle(dict_of([("weight", value)]))
    raw(name, what, data)
    write("zip", name, what, b.checkpoint(data))
    write("legacy", name, what, b.legacy(data))


def torch_only(name, what, value):
    """`value` takes whether the file is a legacy one, whose storages have one field more."""
    for kind, wrap, old in ("zip", b.checkpoint, False), ("legacy", b.legacy, True):
        data = pickle(dict_of([("weight", value(old))]))
        assert opcodes(data), name
        write(kind, name, what, wrap(data))


def foreign_globals():
    command = text("false")
    code = text("raise SystemExit(3)")
    for module, name, arguments in [
            ("os", "system", [command]), ("posix", "system", [command]),
            ("nt", "system", [command]), ("builtins", "eval", [text("1/0")]),
            ("builtins", "exec", [code]), ("__builtin__", "eval", [text("1/0")]),
            ("builtins", "getattr", [glob("os", "path"), text("os")]),
            ("builtins", "__import__", [text("os")]), ("builtins", "compile", [code]),
            ("builtins", "open", [text("/etc/passwd")]),
            ("subprocess", "Popen", [list_of(command)]),
            ("runpy", "_run_code", [code, b"}"]), ("importlib", "import_module", [text("os")]),
            ("operator", "attrgetter", [text("system")]), ("functools", "partial", [command]),
            ("pty", "spawn", [command]), ("torch", "load", [text("other.pt")]),
            ("torch.hub", "load", [text("a/b")]), ("torch", "_utils", []),
            ("numpy", "load", [text("x.npy")]), ("collections", "namedtuple", [command]),
            ("pickle", "loads", [text("x")]), ("argparse", "ArgumentParser", [])]:
        everywhere(f"global-{module.strip('_')}-{name.strip('_')}", f"calls {module}.{name}",
                   call(glob(module, name), *arguments))
    everywhere("global-not-called", "names os.system without calling it", glob("os", "system"))
    everywhere("global-by-build", "BUILD on a foreign class",
               glob("subprocess", "Popen") + b")\x81" + dict_of([("x", integer(1))]) + b"b")
    raw("global-dotted", "protocol 4: a dotted name reaches os.system from collections",
        b.proto(4) + b"\x8c\x0bcollections\x8c\x18OrderedDict.__init__.sys\x93)R.")
    raw("global-assembled", "STACK_GLOBAL with names from the memo",
        b.proto(4) + b"\x8c\x06system\x94\x8c\x02os\x94h\x00h\x01\x932h\x01h\x00\x93\x8c\x05false"
        b"\x85R.")
    raw("global-in-key", "os.system called to make a key",
        pickle(b"}" + call(glob("os", "system"), command) + integer(1) + b"s"))
    raw("global-thrown-away", "os.system called, the result popped, then a good dictionary",
        pickle(call(glob("os", "system"), command) + b"0" + dict_of([("epoch", integer(1))])))
    raw("global-after-stop", "a good pickle, then another that calls os.system",
        pickle(dict_of([("epoch", integer(1))])) + pickle(call(glob("os", "system"), command)),
        whole=False)
    raw("global-paddle-eval", "what Paddle writes for a DenseTensor: eval('data', {'data': …})",
        pickle(dict_of([("weight", call(glob("builtins", "eval"), text("data"),
                                        dict_of([("data", array())])))])))
    raw("inst", "INST of os.system", pickle(b"(" + command + b"ios\nsystem\n"))
    raw("obj", "OBJ of os.system", pickle(b"(" + glob("os", "system") + command + b"o"))
    raw("newobj", "NEWOBJ of os.system", pickle(glob("os", "system") + b"(" + command + b"t\x81"))
    raw("newobj-ex", "NEWOBJ_EX of subprocess.Popen",
        b.proto(4) + glob("subprocess", "Popen") + b")}\x92.")
    for code, name in (b"\x82\x01", "ext1"), (b"\x83\x01\x00", "ext2"), (
            b"\x84\x01\x00\x00\x00", "ext4"):
        raw(name, f"{name.upper()}: a global by the number of a registry", pickle(code))
    raw("persid", "PERSID: a persistent identifier as text", pickle(b"Pos.system\n"))
    raw("next-buffer", "NEXT_BUFFER without buffers", b.proto(5) + b"\x97.")
    raw("readonly-buffer", "READONLY_BUFFER on a list", b.proto(5) + b"]\x98.")


def wrong_calls():
    ordered = glob("collections", "OrderedDict")
    v2 = glob("torch._utils", "_rebuild_tensor_v2")
    everywhere("ordered-dict-of-numbers", "OrderedDict(1, 2)",
               call(ordered, integer(1), integer(2)))
    everywhere("ordered-dict-of-list", "OrderedDict([1, 2]): not pairs",
               call(ordered, list_of(integer(1), integer(2))))
    everywhere("ordered-dict-of-triples", "OrderedDict([[1, 2, 3]])",
               call(ordered, list_of(list_of(integer(1), integer(2), integer(3)))))
    everywhere("reduce-a-number", "REDUCE of a number", integer(1) + b")R")
    everywhere("reduce-without-tuple", "REDUCE with a list of arguments", ordered + b"]R")
    everywhere("reduce-a-result", "REDUCE of an OrderedDict", ordered + b")R)R")
    everywhere("rebuild-with-texts", "_rebuild_tensor_v2 of texts", call(v2, *[text("x")] * 6))
    everywhere("rebuild-without-arguments", "_rebuild_tensor_v2()", call(v2))
    everywhere("rebuild-with-list-as-storage", "_rebuild_tensor_v2 of a list",
               call(v2, b"]", integer(0), tuple_of(integer(1)), tuple_of(integer(1)), b"\x89",
                    b.ordered_dict()))
    everywhere("rebuild-nested", "_rebuild_tensor_v2 of _rebuild_tensor_v2 …, 50 deep",
               50 * (v2 + b"(") + 50 * b"tR")
    everywhere("parameter-of-parameter", "_rebuild_parameter of a text",
               call(glob("torch._utils", "_rebuild_parameter"), text("x"), b"\x88", b"N"))
    everywhere("counter-of-number", "Counter(7)", call(glob("collections", "Counter"), integer(7)))
    huge = 1 << 62
    sizes = [
        ("size-negative", "a negative size", dict(size=(-2, 3))),
        ("size-of-2-63", "a size that does not fit 63 bits", dict(size=(1 << 63,), stride=(1,))),
        ("size-overflows", "sizes whose product exceeds 2^63",
         dict(size=(1 << 32, 1 << 32), stride=(0, 0))),
        ("size-overflows-to-zero", "sizes whose product is 0 in 64 bits",
         dict(size=(1 << 32, 1 << 32, 4), stride=(0, 0, 0))),
        ("size-expanded-huge", "2^40 elements from one by stride 0",
         dict(size=(1 << 40,), stride=(0,))),
        ("size-beyond-storage", "more elements than the storage has", dict(size=(3, 3))),
        ("size-and-stride-differ", "two sizes, one stride", dict(stride=(1,))),
        ("size-of-100-dimensions", "a hundred dimensions", dict(size=[1] * 100, stride=[1] * 100)),
        ("stride-beyond-storage", "strides that leave the storage", dict(stride=(4, 1))),
        ("stride-negative", "a negative stride", dict(offset=5, stride=(-3, -1))),
        ("stride-overflows", "stride times size exceeds 2^63", dict(stride=(huge, 1))),
        ("offset-negative", "a negative offset", dict(offset=-1)),
        ("offset-beyond-storage", "an offset past the storage", dict(offset=7)),
        ("offset-one-too-many", "an offset that pushes the last element out", dict(offset=1)),
        ("offset-overflows", "offset plus extent exceeds 2^63", dict(offset=(1 << 63) - 1)),
        ("empty-with-huge-offset", "no elements, an offset of 2^62",
         dict(size=(0, 3), offset=huge)),
    ]
    for name, what, change in sizes:
        torch_only(name, what, lambda old, change=change: tensor(legacy=old, **change))
    stores = [
        ("storage-count-too-large", "the storage claims 1000 elements, six are there",
         dict(count=1000)),
        ("storage-count-too-small", "the storage claims 2 elements, the tensor has six",
         dict(count=2)),
        ("storage-count-negative", "the storage claims -6 elements", dict(count=-6)),
        ("storage-count-huge", "the storage claims 2^62 elements", dict(count=huge)),
        ("storage-count-overflows", "the storage claims 2^70 elements", dict(count=1 << 70)),
        ("storage-missing", "the storage is not in the file", dict(key="9")),
        ("storage-key-with-path", "the storage's key is a path", dict(key="../data.pkl")),
        ("storage-complex", "complex numbers", dict(kind="ComplexFloatStorage")),
        ("storage-quantized", "quantized numbers", dict(kind="QInt8Storage")),
        ("storage-unknown", "a type of storage that does not exist", dict(kind="FooStorage")),
        ("storage-foreign", "a storage of another module", dict(module="os", kind="system")),
        ("storage-wider", "float64 claimed, bytes of float32", dict(kind="DoubleStorage")),
    ]
    for name, what, change in stores:
        torch_only(name, what,
                   lambda old, change=change: tensor(saved=b.storage(legacy=old, **change)))
    torch_only("storage-twice-as-other-type", "one storage as float32 and as int32",
               lambda old: list_of(tensor(legacy=old), tensor(
                   saved=b.storage(kind="IntStorage", legacy=old))))
    for name, value in [("number", integer(1)), ("short", tuple_of(text("storage"))),
                        ("empty", b")"), ("module", tuple_of(text("module"), text("x"))),
                        ("texts", tuple_of(*[text("storage")] * 5))]:
        everywhere(f"persistent-id-{name}", f"a persistent identifier that is no storage: {name}",
                   value + b"Q")


def array(shape=(2, 3), data=None, kind="f4", order="<", fortran=b"\x89", version=1, state=None,
          size=-1):
    dtype = call(glob("numpy", "dtype"), text(kind), b"\x89", b"\x88") + tuple_of(
        integer(3), text(order), b"N", b"N", b"N", integer(size), integer(size), integer(0)) + b"b"
    data = b.SIX_FLOATS if data is None else data
    held = data if isinstance(data, str) else b"C" + bytes([len(data)]) + data
    state = state or tuple_of(integer(version), tuple_of(*map(integer, shape)), dtype, fortran,
                              held)
    return call(glob("numpy.core.multiarray", "_reconstruct"), glob("numpy", "ndarray"),
                tuple_of(integer(0)), text("b")) + state + b"b"


def arrays():
    encode = glob("_codecs", "encode")
    cases = [
        ("shape-negative", "a negative size", array((-2, 3))),
        ("shape-overflows", "a product above 2^63", array((1 << 40, 1 << 40))),
        ("shape-overflows-to-zero", "a product that is 0 in 64 bits",
         array((1 << 32, 1 << 32), data=b"")),
        ("shape-too-large", "more elements than bytes", array((3, 3))),
        ("shape-too-small", "fewer elements than bytes", array((2, 2))),
        ("dtype-object", "an array of objects", array(kind="O8", order="|")),
        ("dtype-unknown", "f3", array(kind="f3")),
        ("dtype-empty", "an empty name", array(kind="")),
        ("dtype-text", "an array of text", array(kind="U6")),
        ("dtype-void", "an array of void", array(kind="V4", order="|")),
        ("dtype-order-unknown", "an order of bytes that does not exist", array(order="?")),
        ("dtype-size-lies", "dtype state with a huge item size", array(size=1 << 30)),
        ("state-number", "BUILD with a number", array(state=integer(1))),
        ("state-short", "BUILD with one element", array(state=tuple_of(integer(1)))),
        ("state-of-texts", "BUILD with texts", array(state=tuple_of(*[text("x")] * 5))),
        ("state-list-as-data", "data that is a list",
         array(state=tuple_of(integer(1), tuple_of(integer(1)), integer(1), b"\x89", b"]"))),
        ("state-missing", "no BUILD",
         call(glob("numpy.core.multiarray", "_reconstruct"), glob("numpy", "ndarray"),
              tuple_of(integer(0)), text("b"))),
        ("state-twice", "BUILD twice", array() + tuple_of(integer(1)) + b"b"),
        ("reconstruct-other-class", "_reconstruct of another class",
         call(glob("numpy.core.multiarray", "_reconstruct"), glob("os", "system"),
              tuple_of(integer(0)), text("b"))),
        ("codec-rot13", "_codecs.encode with rot13", call(encode, text("x"), text("rot13"))),
        ("codec-zlib", "_codecs.encode with zlib", call(encode, text("x"), text("zlib"))),
        ("codec-wide", "_codecs.encode of a character above 255",
         call(encode, text("☃"), text("latin1"))),
        ("codec-number", "_codecs.encode of a number", call(encode, integer(1), text("latin1"))),
        ("scalar-short", "numpy scalar with too few bytes",
         call(glob("numpy.core.multiarray", "scalar"),
              call(glob("numpy", "dtype"), text("f8"), b"\x89", b"\x88"), b"C\x02xx")),
        ("frombuffer-numbers", "_frombuffer of numbers",
         call(glob("numpy._core.numeric", "_frombuffer"), *map(integer, (1, 2, 3, 4)))),
    ]
    for name, what, value in cases:
        raw(f"array-{name}", f"numpy: {what}", pickle(dict_of([("weight", value)]), 3))

    def sliced(slices, shape=(3, 4), origin=None):
        part = lambda: array((6,))
        return pickle(dict_of([
            ("w@@.0", part()), ("w@@.1", part()), ("UnpackBigParamInfor@@", dict_of([
                ("w", dict_of([("OriginShape", origin or tuple_of(*map(integer, shape))),
                               ("slices", list_of(*map(text, slices)))]))]))]), 3)

    both = ["w@@.0", "w@@.1"]
    for name, what, data in [
            ("missing", "a slice that is not there", sliced(["w@@.0", "w@@.7"])),
            ("repeated", "a slice 200 times", sliced(["w@@.0"] * 200, (200, 6))),
            ("too-few", "fewer elements than the shape", sliced(both, (3, 5))),
            ("negative", "a negative shape", sliced(both, (-3, -4))),
            ("overflows", "a shape above 2^63", sliced(both, (1 << 40, 1 << 40))),
            ("text-shape", "a shape that is text", sliced(both, origin=text("3x4"))),
            ("names-itself", "a table that names itself", sliced(["UnpackBigParamInfor@@"]))]:
        raw(f"slices-{name}", f"Paddle's slices: {what}", data)
    raw("slices-number", "Paddle's table of slices is a number",
        pickle(dict_of([("UnpackBigParamInfor@@", integer(1))])))


def memory():
    def doubled(step, first=b"]", turns=60):
        return first + b"".join(b"q" + bytes([i]) + step(b"h" + bytes([i])) for i in range(turns))

    pair = doubled(lambda get: get + b"\x86", text("lol"))
    everywhere("bomb-tuples", "2^60 texts by doubling tuples through the memo", pair)
    raw("bomb-key", "the same as a key of a dictionary", pickle(b"}" + pair + integer(1) + b"s"))
    raw("bomb-set", "the same in a frozenset", b.proto(4) + b"(" + pair + b"\x91.")
    raw("bomb-lists", "10^20 texts: lists of ten times the list before", pickle(
        text("lol") + b"".join(b"q" + bytes([i]) + b"0](" + 10 * (b"h" + bytes([i])) + b"e"
                               for i in range(20))))
    raw("bomb-dicts", "4^30 numbers: dictionaries of dictionaries", pickle(
        b"}" + b"".join(b"q" + bytes([i]) + b"0" + dict_of(
            [(k, b"h" + bytes([i])) for k in "abcd"]) for i in range(30))))
    raw("recursive-list", "a list that holds itself", pickle(b"]q\x00h\x00a"))
    raw("recursive-dict", "a dictionary that holds itself",
        pickle(b"}q\x00" + text("state_dict") + b"h\x00s"))
    raw("recursive-tuple", "a tuple that holds itself by a list",
        pickle(b"]q\x00h\x00\x85ah\x00\x85"))
    raw("recursive-arguments", "a call whose arguments hold the result's list",
        pickle(b"]q\x00" + glob("collections", "OrderedDict") + b"h\x00\x85Rah\x00"))
    everywhere("recursive-state-dict", "state_dict holds itself",
               b"}q\x00" + text("state_dict") + b"h\x00s")
    for name, data in [("lists", 3_000 * b"](" + 3_000 * b"e"),
                       ("tuples", b")" + 2_999 * b"\x85"),
                       ("dicts", 3_000 * b"}K\x00" + b"N" + 3_000 * b"s")]:
        raw(f"deep-{name}", f"3,000 {name} in each other", pickle(data))
    deep = {"lists": 100_000 * b"](" + 100_000 * b"e", "tuples": b")" + 99_999 * b"\x85",
            "marks": 1_000_000 * b"(" + b"N", "gets": b"]q\x00" + 500_000 * b"h\x00" + b"0",
            "dups": b"N" + 1_000_000 * b"2", "calls":
            100_000 * (glob("collections", "OrderedDict")) + b"N"}
    for name, data in deep.items():
        assert name == "gets" or opcodes(pickle(data))
        write("zip", f"deep-{name}", f"100,000 or more {name} in a deflated data.pkl", b.zip_file(
            [Entry("a/data.pkl", pickle(data), deflate=True), Entry("a/version", b"3\n")]))
    raw("memo-of-2-31", "LONG_BINPUT with index 2^31",
        pickle(b"Nr" + struct.pack("<I", 1 << 31)))
    raw("memo-of-2-32", "LONG_BINPUT with index 2^32 - 1",
        pickle(b"Nr" + b"\xff" * 4))
    raw("memo-text", "PUT with index 10^18", pickle(b"Np1000000000000000000\n"))
    raw("memo-negative", "PUT with index -1", pickle(b"Np-1\n"))
    raw("memo-unset", "BINGET of what was never put", pickle(b"h\x07"))
    raw("memo-unset-long", "LONG_BINGET of what was never put", pickle(b"j\xff\xff\xff\xff"))
    raw("memo-of-nothing", "BINPUT on an empty stack", pickle(b"q\x00N"))
    raw("memo-of-a-mark", "BINPUT right after MARK", pickle(b"(q\x00t"))


def lengths():
    far = struct.pack("<Q", 1 << 63)
    for name, code in [("binunicode8", b"\x8d"), ("binbytes8", b"\x8e"), ("bytearray8", b"\x96"),
                       ("frame", b"\x95")]:
        raw(f"length-{name}", f"{name.upper()} of 2^63 bytes", b.proto(5) + code + far + b"x.",
            whole=False)
        raw(f"length-{name}-most", f"{name.upper()} of 2^64 - 1 bytes",
            b.proto(5) + code + b"\xff" * 8 + b"x.", whole=False)
    for name, code in [("binunicode", b"X"), ("binbytes", b"B")]:
        raw(f"length-{name}", f"{name.upper()} of 2^32 - 1 bytes",
            pickle(code + b"\xff" * 4 + b"x"), whole=False)
    raw("length-binstring", "BINSTRING of -1 bytes", pickle(b"T" + b"\xff" * 4 + b"x"),
        whole=False)
    raw("length-long4", "LONG4 of 2^31 - 1 bytes", pickle(b"\x8b\xff\xff\xff\x7fx"), whole=False)
    raw("length-long4-negative", "LONG4 of -1 bytes", pickle(b"\x8b\xff\xff\xff\xffx"),
        whole=False)
    raw("length-long1", "LONG1 of 255 bytes, two are there", pickle(b"\x8a\xffx"), whole=False)
    raw("length-frame-short", "a frame that ends within an opcode",
        b.proto(4) + b"\x95" + struct.pack("<Q", 2) + b"\x8c\x02ab.", whole=True)
    raw("length-one-too-many", "SHORT_BINUNICODE of one byte more than the file has",
        b.proto(4) + b"\x8c\x03ab", whole=False)
    raw("line-without-end", "GLOBAL whose line does not end", b.proto() + b"ccollections",
        whole=False)
    raw("int-huge", "INT with 3,000 digits", pickle(b"I" + b"9" * 3000 + b"\n"))
    raw("int-text", "INT that is no number", pickle(b"Ifalse\n"), whole=False)
    raw("long-text", "LONG that is no number", pickle(b"L--1L\n"), whole=False)
    raw("float-text", "FLOAT that is no number", pickle(b"Fone\n"), whole=False)


def structure():
    for name, what, data in [
            ("stack-underflow", "TUPLE2 of one value", b"N\x86"),
            ("stack-empty-at-stop", "STOP with nothing on the stack", b""),
            ("stack-full-at-stop", "STOP with two values on the stack", b"NN"),
            ("stack-mark-at-stop", "STOP with a MARK left", b"(N"),
            ("stack-pop-nothing", "POP of nothing", b"0N"),
            ("stack-dup-nothing", "DUP of nothing", b"2"),
            ("mark-missing-tuple", "TUPLE without MARK", b"Nt"),
            ("mark-missing-appends", "APPENDS without MARK", b"]Ne"),
            ("mark-missing-setitems", "SETITEMS without MARK", b"}NNu"),
            ("mark-missing-pop", "POP_MARK without MARK", b"1N"),
            ("mark-as-value", "APPEND of a MARK", b"](a"),
            ("tuple-over-mark", "TUPLE2 that takes a MARK", b"N(\x86"),
            ("setitems-odd", "SETITEMS of a key without a value", b"}(Nu"),
            ("setitems-on-tuple", "SETITEMS on a tuple", b")(NNu"),
            ("setitems-on-nothing", "SETITEMS on an empty stack", b"(NNu"),
            ("setitem-on-list", "SETITEM on a list", b"]NNs"),
            ("setitem-list-as-key", "a list as a key", b"}]Ns"),
            ("append-to-dict", "APPEND to a dictionary", b"}Na"),
            ("append-to-number", "APPENDS to a number", b"K\x01(NNe"),
            ("additems-on-list", "ADDITEMS on a list", b"](N\x90"),
            ("build-on-list", "BUILD on a list", b"]}b"),
            ("build-on-number", "BUILD on a number", b"K\x01}b"),
            ("build-on-nothing", "BUILD on an empty stack", b"b"),
            ("binpersid-of-nothing", "BINPERSID of an empty stack", b"Q"),
            ("stack-global-numbers", "STACK_GLOBAL of numbers", b"K\x01K\x02\x93"),
            ("stack-global-empty", "STACK_GLOBAL of nothing", b"\x93"),
            ("global-empty", "GLOBAL with empty names", b"c\n\n"),
            ("text-not-a-dictionary", "a text alone", text("hello")),
            ("nothing", "None alone", b"N"),
            ("number", "a number alone", integer(7))]:
        path_data = pickle(data)
        assert opcodes(path_data) or name in (
            "mark-missing-tuple", "mark-missing-appends"), name
        write("pickle", name, what, path_data)
    raw("stop-missing", "no STOP", b.proto() + b"}", whole=False)
    raw("proto-only", "two bytes", b.proto(), whole=False)
    raw("proto-200", "protocol 200", b"\x80\xc8}.")
    raw("proto-late", "PROTO in the middle", pickle(b"]\x80\x02"))
    raw("opcode-unknown", "an opcode that does not exist", pickle(b"\xff"), whole=False)
    raw("utf8-broken", "text of invalid UTF-8", pickle(b"}X\x02\x00\x00\x00\xc3\x28K\x01s"),
        whole=False)
    raw("utf8-broken-global", "a global's name of invalid UTF-8", pickle(b"cos\n\xc3\x28\n"),
        whole=False)
    raw("control-characters", "a global whose name would colour a terminal",
        pickle(b"c\x1b[31mos\nsys\x07tem\n)R"))
    raw("name-huge", "a global with a name of 3,000 letters",
        pickle(b"c" + b"a" * 3000 + b"\nb\n)R"))
    raw("keys-repeated", "one key twice with other values",
        pickle(dict_of([("weight", array()), ("weight", array((3, 2)))]), 3))


def zips():
    data0 = Entry("archive/data/0", b.SIX_FLOATS)
    good = Entry("archive/data.pkl", GOOD)

    def zipped(name, what, *entries, **options):
        write("zip", name, what, b.zip_file(list(entries), **options))

    zeros = bytes(10 << 20)
    zipped("bomb", "data/0 of 10 MB deflated to 10 KB; the tensor needs 24 bytes", good,
           Entry("archive/data/0", zeros, deflate=True))
    zipped("bomb-pickle", "data.pkl of 1 MB of text, deflated", Entry(
        "archive/data.pkl", pickle(text("a" * (1 << 20))), deflate=True), data0)
    zipped("bomb-nested", "a zip with a megabyte of zeros as data.pkl of another, deflated", Entry(
        "archive/data.pkl", b.zip_file([Entry("archive/data.pkl", zeros[:1 << 20], True)]), True),
        data0)
    zipped("bomb-lying", "data/0 is said to be 24 bytes and deflates to 1 MB", good,
           Entry("archive/data/0", zeros[:1 << 20], True, {"size": 24}, {"size": 24}))
    zipped("bomb-overlap", "60 names for one entry", good, data0, *(
        Entry(f"archive/data/{i}", b"", central={"offset": 0, "size": len(GOOD),
                                                 "packed": len(GOOD)}) for i in range(1, 61)))
    zipped("deflate-short", "deflated data ends before its size", good,
           Entry("archive/data/0", b.SIX_FLOATS[:12], True, {"size": 24}, {"size": 24}))
    broken = Entry("archive/data/0", b.SIX_FLOATS, True)
    broken.packed = b"\xff" * len(broken.packed)
    zipped("deflate-broken", "deflated data that is none", good, broken)
    for name, method in ("bzip2", 12), ("unknown", 77):
        change = {"method": method}
        zipped(f"method-{name}", f"compression method {method}", good,
               Entry("archive/data/0", b.SIX_FLOATS, False, change, change))
    for name, what, change in [
            ("name", "another name", {"name": b"archive/data/7"}), ("size", "another size",
             {"size": 12, "packed": 12}), ("method", "another method", {"method": 8}),
            ("name-length", "a name that reaches past the file", {"name": b"x" * 600})]:
        zipped(f"local-other-{name}", f"the local header of data/0 has {what}", good,
               Entry("archive/data/0", b.SIX_FLOATS, local=change))
    zipped("crc-wrong", "a checksum that is wrong", good,
           Entry("archive/data/0", b.SIX_FLOATS, False, {"crc": 1}, {"crc": 1}))
    for name, what, size in [("beyond-file", "more bytes than the file has", 100_000),
                             ("of-2-32", "2^32 - 2 bytes", 0xFFFFFFFE),
                             ("below-need", "fewer bytes than the storage needs", 8),
                             ("into-directory", "bytes that reach into the directory", 80),
                             ("zero", "no bytes", 0)]:
        change = {"size": size, "packed": size}
        zipped(f"entry-{name}", f"data/0 claims {what}", good,
               Entry("archive/data/0", b.SIX_FLOATS, False, change, change))
    zipped("entry-sizes-differ", "a stored entry whose two sizes differ", good,
           Entry("archive/data/0", b.SIX_FLOATS, False, {"size": 4096}, {"size": 4096}))
    zipped("entry-odd", "a storage of 23 bytes", good, Entry("archive/data/0", b.SIX_FLOATS[:23]))
    zipped("offset-beyond-file", "data/0 begins past the file", good,
           Entry("archive/data/0", b.SIX_FLOATS, central={"offset": 1 << 30}))
    zipped("offset-not-a-header", "data/0 begins where no header is", good,
           Entry("archive/data/0", b.SIX_FLOATS, central={"offset": 3}))
    for name, path in ("path-up", "../../etc/passwd"), ("path-absolute", "/etc/passwd"), (
            "path-drive", "C:\\x"), ("path-up-inside", "archive/../../data.pkl"), (
            "path-empty", ""), ("path-control", "archive/\x1b[31m\x00x"):
        zipped(name, f"also an entry named {path!r}", good, data0, Entry(path, b"x"))
    zipped("path-only", "data.pkl at ../../archive", Entry("../../archive/data.pkl", GOOD),
           Entry("../../archive/data/0", b.SIX_FLOATS))
    zipped("two-storages", "two entries data/0 with other bytes", good, data0,
           Entry("archive/data/0", bytes(24)))
    zipped("two-pickles", "two entries data.pkl", good, data0,
           Entry("archive/data.pkl", pickle(call(glob("os", "system"), text("false")))))
    zipped("two-roots", "data.pkl in two folders", good, data0, Entry("other/data.pkl", GOOD))
    zipped("no-pickle", "no data.pkl", data0)
    zipped("no-root", "data.pkl without a folder", Entry("data.pkl", GOOD),
           Entry("data/0", b.SIX_FLOATS))
    zipped("no-storage", "no data/0", good)
    zipped("no-entries", "no entries")
    zipped("pickle-empty", "data.pkl is empty", Entry("archive/data.pkl", b""), data0)
    zipped("encrypted", "the flag of encryption", good,
           Entry("archive/data/0", b.SIX_FLOATS, flags=1))
    zipped("encrypted-pickle", "the flag of encryption on data.pkl",
           Entry("archive/data.pkl", GOOD, flags=1), data0)
    zipped("byteorder-unknown", "a byte order record that says middle", good, data0,
           Entry("archive/byteorder", b"middle"))
    zipped("version-future", "version 99", good, data0, Entry("archive/version", b"99\n"))
    for name, size in ("huge", 1 << 63), ("most", (1 << 64) - 1):
        extra = struct.pack("<HHQQ", 1, 16, size, size)
        change = {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "extra": extra}
        zipped(f"zip64-{name}", f"zip64 sizes of {size}", good,
               Entry("archive/data/0", b.SIX_FLOATS, False, change, change))
    change = {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}
    zipped("zip64-missing", "zip64 announced, no extra field", good,
           Entry("archive/data/0", b.SIX_FLOATS, False, change, change))
    change["extra"] = struct.pack("<HHI", 1, 400, 7)
    zipped("zip64-short", "an extra field that claims 400 bytes and has four", good,
           Entry("archive/data/0", b.SIX_FLOATS, False, change, change))
    locator = struct.pack("<IIQI", 0x07064B50, 0, 1 << 63, 1)
    zipped("zip64-locator", "a zip64 locator that points past 2^63", good, data0,
           before_end=locator, end={"offset": 0xFFFFFFFF, "count": 0xFFFF})
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1 << 62, 1 << 62, 1 << 63, 0)
    body = len(b.zip_file([good, data0])) - 22
    zipped("zip64-count", "a zip64 end record with 2^62 entries", good, data0,
           before_end=record + struct.pack("<IIQI", 0x07064B50, 0, body, 1),
           end={"offset": 0xFFFFFFFF, "count": 0xFFFF, "size": 0xFFFFFFFF})
    zipped("end-count", "60,000 entries announced, two are there", good, data0,
           end={"count": 60000})
    zipped("end-offset", "the directory lies past the file", good, data0, end={"offset": 1 << 30})
    zipped("end-size", "the directory is larger than the file", good, data0, end={"size": 1 << 30})
    zipped("end-comment", "a comment that is another end record", good, data0,
           comment=struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0, 0, 0, 0, 0))
    whole = b.zip_file([good, data0])
    write("zip", "end-missing", "no end record", whole[:-22])
    write("zip", "end-cut", "the last ten bytes are missing", whole[:-10])
    write("zip", "only-signature", "four bytes", whole[:4])
    write("zip", "only-end", "an end record alone", b.zip_file([]))
    write("zip", "before", "1,000 zeros before the zip", bytes(1000) + whole)


def legacies():
    def old(name, what, **options):
        write("legacy", name, what, b.legacy(pickle(dict_of([("weight", tensor(legacy=True))])),
                                             **options))

    six = (6, b.SIX_FLOATS)
    old("keys-repeated", "the list of keys has one twice", keys=("0", "0"), storages=(six, six))
    old("keys-missing", "the list of keys lacks one", keys=(), storages=())
    old("keys-unknown", "the list of keys has one that nothing uses", keys=("0", "1"),
        storages=(six, six))
    old("keys-numbers", "the list of keys holds numbers", key_list=list_of(integer(0)))
    old("keys-dictionary", "a dictionary for the list of keys", key_list=b"}")
    old("keys-huge", "100,000 keys by the memo",
        key_list=b"](" + text("0") + b"q\x01" + 2_000 * b"h\x01" + b"e")
    old("keys-call", "the list of keys calls os.system",
        key_list=call(glob("os", "system"), text("false")))
    old("count-negative", "a storage of -1 elements", storages=((-1, b.SIX_FLOATS),))
    old("count-huge", "a storage of 2^62 elements", storages=((1 << 62, b.SIX_FLOATS),))
    old("count-short", "a storage of three elements, six are needed",
        storages=((3, b.SIX_FLOATS[:12]),))
    old("count-beyond-file", "a storage that the file cuts off", storages=((6, b.SIX_FLOATS[:10]),))
    old("count-missing", "the file ends before the storages", storages=())
    old("more-after", "bytes after the last storage", storages=(six, six))
    old("magic-other", "another magic number", magic=b.MAGIC + 1)
    old("version-other", "protocol version 7", version=7)

    def with_info(name, what, value):
        data = pickle(dict_of([("weight", tensor(legacy=True))]))
        stream = b.legacy(data)
        head = pickle(integer(b.MAGIC)) + pickle(integer(1001))
        info_end = stream.index(data)
        write("legacy", name, what, head + pickle(value) + stream[info_end:])

    with_info("info-big-endian", "says that it is big endian",
              dict_of([("protocol_version", integer(1001)), ("little_endian", b"\x89")]))
    with_info("info-list", "a list for the facts about the machine", b"]")
    with_info("info-call", "the facts about the machine call os.system",
              call(glob("os", "system"), text("false")))
    write("legacy", "magic-only", "the magic number alone", pickle(integer(b.MAGIC)))
    write("legacy", "magic-call", "os.system called for the magic number",
          pickle(call(glob("os", "system"), text("false"))) + pickle(integer(1001)))

    def view(name, what, key, offset, count):
        saved = tuple_of(text("storage"), glob("torch", "FloatStorage"), text("0"), text("cpu"),
                         integer(6), tuple_of(text(key), integer(offset), integer(count))) + b"Q"
        write("legacy", f"view-{name}", f"a view of a storage {what}",
              b.legacy(pickle(dict_of([("weight", tensor((2,), (1,), saved=saved))]))))

    view("beyond", "that reaches past it", "1", 5, 4)
    view("negative", "with a negative offset", "1", -1, 4)
    view("overflows", "whose end exceeds 2^63", "1", (1 << 63) - 1, 4)
    view("of-itself", "that has its own key", "0", 0, 6)
    view("short", "of one element for a tensor of two", "1", 0, 1)


def others():
    folder = FOLDER / "other"
    folder.mkdir()
    array = struct.pack("<6f", *range(6))
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".ljust(117) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + array
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as file:
        info = tarfile.TarInfo("model.pth")
        info.size = 5
        file.addfile(info, io.BytesIO(b"hello"))
    pixel = zlib.compress(b"\x00\xff\xff\xff", 9)
    chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data
                                + struct.pack(">I", zlib.crc32(kind + data)))
    html = (b"<!DOCTYPE html>\n<html lang=\"en\"><head><title>404 Not Found</title></head>\n"
            b"<body><h1>Not Found</h1></body></html>\n")
    files = {
        "page.pth": html, "page-lower.pth": b"\n\n  <html><head></head><body>gone</body></html>",
        "error.xml": b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
                     b"</Error>\n",
        "lfs-pointer.safetensors": b"version https://git-lfs.github.com/spec/v1\noid sha256:"
                                   + b"4d7a2146" * 8 + b"\nsize 63115464\n",
        "gzip.pth": gzip.compress(b"hello " * 10, 9, mtime=0), "archive.pth.tar": tar.getvalue(),
        "array.npy": npy, "arrays.npz": b.zip_file([Entry("x.npy", npy)]),
        "plain.zip": b.zip_file([Entry("readme.txt", b"hello\n")]),
        "keras.h5": b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00\x00\x08\x08\x00\x04\x00\x10\x00"
                    + bytes(72),
        "model.onnx": onnx(), "paddle-inference.pdmodel": b"\x0a\x0b\x08\x00\x10\xff\xff\xff\xff"
                      b"\xff\xff\xff\xff\xff\x01\x1a\x00",
        "config.json": b'{\n  "architecture": "dla34",\n  "num_classes": 1000\n}\n',
        "image.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
            ">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", pixel) + chunk(b"IEND", b""),
        "image.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
                       b"\xff\xd9",
        "empty.pth": b"", "byte.pth": b"\x80", "text.pth": b"These are not the weights.\n",
        "yaml.pth": b"Arch:\n  name: DLA34\n  class_num: 1000\n", "zeros.pth": bytes(4096),
        "program": b"\x7fELF\x02\x01\x01" + bytes(57), "7z.pth": b"7z\xbc\xaf\x27\x1c" + bytes(26),
        "rar.pth": b"Rar!\x1a\x07\x01\x00", "zstd.pth": b"\x28\xb5\x2f\xfd" + bytes(9),
        "bzip2.pth": b"BZh91AY&SY" + bytes(8), "xz.pth": b"\xfd7zXZ\x00" + bytes(8),
        "gguf.gguf": b"GGUF\x03\x00\x00\x00" + bytes(16),
        "tflite.tflite": b"\x1c\x00\x00\x00TFL3" + bytes(24),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)


def onnx():
    """A model of one Identity, field by field: ir_version, producer_name, graph, opset_import."""
    def field(number, data):
        data = data.encode() if isinstance(data, str) else data
        return bytes([number << 3 | 2, len(data)]) + data

    def varint(number, value):
        return bytes([number << 3, value])

    def value(name):
        shape = field(1, varint(1, 1))
        return field(1, name) + field(2, field(1, varint(1, 1) + field(2, shape)))

    node = field(1, "x") + field(2, "y") + field(4, "Identity")
    graph = field(1, node) + field(2, "g") + field(11, value("x")) + field(12, value("y"))
    return varint(1, 8) + field(2, "fixture") + field(7, graph) + field(8, field(1, "") + varint(
        2, 17))


if __name__ == "__main__":
    for folder in "hostile", "other":
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
    foreign_globals()
    wrong_calls()
    arrays()
    memory()
    lengths()
    structure()
    zips()
    legacies()
    others()
    lines = ["# Hostile files", "", "Made by `../make_hostile.py`. In `pickle/` a pickle alone, as "
             "Paddle's files are; in `zip/` as `data.pkl` of PyTorch's zip; in `legacy/` as "
             "PyTorch wrote before 1.6. Never unpickle them with Python's pickle.", "",
             "None may crash a reader, take much memory or time, or run anything. Most are errors. "
             "A reader may also load those where nothing it needs is broken: `array-state-twice`, "
             "`before`, `crc-wrong`, `deep-*`, `empty-with-huge-offset`, `end-comment`, "
             "`entry-sizes-differ`, `global-after-stop`, `keys-repeated` (pickle), "
             "`keys-unknown`, `local-other-*`, `memo-of-*`, `more-after`, `path-*`, `proto-late`, "
             "`storage-count-too-small`, `version-future` and `zip/two-roots`.", "",
             "| name | folders | what it is |", "| --- | --- | --- |"]
    rows = {}
    for path, what in sorted(TABLE.items()):
        kind, name = path.split("/")
        rows.setdefault((name.rsplit(".", 1)[0], what), []).append(kind)
    lines += [f"| `{name}` | {', '.join(kinds)} | {what} |"
              for (name, what), kinds in sorted(rows.items())]
    (FOLDER / "hostile/README.md").write_text("\n".join(lines) + "\n")
