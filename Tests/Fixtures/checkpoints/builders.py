"""Pickles and zip files byte by byte, so that fixtures can hold what no library would write.

Only the standard library. Nothing here unpickles anything.
"""
import struct
import zlib

STOP, REDUCE = b".", b"R"


def proto(version=2):
    return b"\x80" + bytes([version])


def glob(module, name):
    return f"c{module}\n{name}\n".encode()


def text(string):
    data = string.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def text2(string):
    """As Python 2 wrote names: SHORT_BINSTRING."""
    return b"U" + bytes([len(string)]) + string.encode()


def integer(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def tuple_of(*items):
    return b"(" + b"".join(items) + b"t"


def list_of(*items):
    return b"](" + b"".join(items) + b"e"


def dict_of(pairs):
    return b"}(" + b"".join(text(key) + value for key, value in pairs) + b"u"


def call(function, *arguments):
    return function + tuple_of(*arguments) + REDUCE


def ordered_dict():
    return glob("collections", "OrderedDict") + b")R"


def storage(key="0", count=6, kind="FloatStorage", module="torch", location="cpu", legacy=False):
    extra = [b"N"] if legacy else []
    return tuple_of(text("storage"), glob(module, kind), text(key), text(location),
                    integer(count), *extra) + b"Q"


def tensor(size=(2, 3), stride=(3, 1), offset=0, saved=None, legacy=False):
    """A call of _rebuild_tensor_v2; the default is a 2x3 tensor that fits its storage."""
    return call(glob("torch._utils", "_rebuild_tensor_v2"),
                storage(legacy=legacy) if saved is None else saved, integer(offset),
                tuple_of(*map(integer, size)), tuple_of(*map(integer, stride)),
                b"\x89", ordered_dict())


def pickle(value, version=2):
    return proto(version) + value + STOP


SIX_FLOATS = struct.pack("<6f", *range(6))


class Entry:
    """One file of a zip: what the local header and the central directory say can be set apart."""

    def __init__(self, name, data, deflate=False, local=None, central=None, flags=0, after=b""):
        self.name, self.data, self.after = name.encode(), data, after
        packed = data
        if deflate:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = packer.compress(data) + packer.flush()
        self.packed = packed
        facts = dict(name=self.name, flags=flags, method=8 if deflate else 0,
                     crc=zlib.crc32(data), packed=len(packed), size=len(data), extra=b"")
        self.local = {**facts, **(local or {})}
        self.central = {**facts, "offset": None, **(central or {})}


def zip_file(entries, end=None, comment=b"", before_end=b""):
    """The bytes of a zip; `end` overrides fields of the end of central directory record."""
    body, offsets = b"", []
    for entry in entries:
        offsets.append(len(body))
        f = entry.local
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, f["flags"], f["method"], 0, 33,
                            f["crc"], f["packed"], f["size"], len(f["name"]), len(f["extra"]))
        body += f["name"] + f["extra"] + entry.packed + entry.after
    directory = b""
    for entry, offset in zip(entries, offsets):
        f = entry.central
        place = offset if f["offset"] is None else f["offset"]
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, f["flags"], f["method"],
                                 0, 33, f["crc"], f["packed"], f["size"], len(f["name"]),
                                 len(f["extra"]), 0, 0, 0, 0, place) + f["name"] + f["extra"]
    facts = dict(count=len(entries), size=len(directory), offset=len(body), **{})
    facts.update(end or {})
    return (body + directory + before_end
            + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, facts["count"], facts["count"],
                          facts["size"], facts["offset"], len(comment)) + comment)


def checkpoint(data, storages=((("0"), SIX_FLOATS),), root="archive", extra=()):
    """A PyTorch file: data.pkl, the storages, the version."""
    return zip_file([Entry(f"{root}/data.pkl", data), *extra,
                     *(Entry(f"{root}/data/{key}", bytes_) for key, bytes_ in storages),
                     Entry(f"{root}/version", b"3\n")])


MAGIC = 0x1950A86A20F9469CFC6C


def legacy(data, keys=("0",), storages=((6, SIX_FLOATS),), magic=MAGIC, version=1001,
           key_list=None):
    """A PyTorch file as before 1.6: five pickles, then each storage with its element count."""
    info = dict_of([("protocol_version", integer(version)), ("little_endian", b"\x88"),
                    ("type_sizes", dict_of([("short", integer(2)), ("int", integer(4)),
                                            ("long", integer(4))]))])
    keys = list_of(*map(text, keys)) if key_list is None else key_list
    return b"".join([pickle(integer(magic)), pickle(integer(version)), pickle(info), data,
                     pickle(keys)]
                    + [struct.pack("<q", count) + bytes_ for count, bytes_ in storages])
