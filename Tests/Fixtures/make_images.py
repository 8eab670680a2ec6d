"""Makes Tests/Fixtures/images: small synthetic images and the results of the references.

Run with Pillow 13, OpenCV 5, torchvision and NumPy: python Tests/Fixtures/make_images.py
Beside each image, NAME.pil and NAME.opencv hold 32x32x3 bytes: as timm and as PaddleClas
prepare it, with a short side of 40 and a crop of 32. Names that start with bad- have none.
"""
import pathlib
import struct
import zlib

import cv2
import numpy as np
import torchvision.transforms.functional as F
from PIL import Image

SHORT, CROP = 40, 32
FOLDER = pathlib.Path(__file__).parent / "images"
random = np.random.default_rng(1707)


def scene(width, height, channels=3):
    """Gradients, waves, a box and noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1),
              127 + 120 * np.sin(x / 7 + y / 11), 127 + 100 * np.cos(x * y / 500)]
    a = np.stack(planes[:channels], -1) + random.normal(0, 10, (height, width, channels))
    a[height // 4:height // 2, width // 3:width // 2] = random.integers(0, 256, channels)
    return np.clip(a, 0, 255).astype(np.uint8)


def pil_save(name, image, kind="JPEG", **options):
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(FOLDER / name, kind, **options)


def cv_save(name, array, *options):
    (FOLDER / name).write_bytes(cv2.imencode("." + name.split(".")[-1], array, options)[1])


def interlaced_png(name, array):
    """Writes an Adam7 PNG, which neither library can."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    rows = b"".join(b"\0" + row.tobytes() for x, y, across, down in passes
                    for row in array[y::down, x::across] if row.size)
    header = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], 8, 2, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    (FOLDER / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks))


def bmp(name, rows, size, bits, palette=b"", masks=None, header=40, top_down=False):
    """Writes a BMP of packed rows, which come from the first to the last."""
    width, height = size
    rows = [row + b"\0" * (-len(row) % 4) for row in rows]
    pixels = b"".join(rows if top_down else reversed(rows))
    offset = 14 + header + len(palette) + (12 if masks and header == 40 else 0)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits,
                           3 if masks else 0, len(pixels), 2835, 2835, len(palette) // 4, 0)
    info += struct.pack("<III", *masks) if masks else b""
    if header > 52:
        info += struct.pack("<I", 0xFF000000 if bits == 32 else 0) + b"\0" * (header - 56)
    file = struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset)
    (FOLDER / name).write_bytes(file + info + palette + pixels)


def bmps():
    """One of each kind of uncompressed BMP."""
    a = scene(45, 42)[..., ::-1]
    size = (45, 42)
    bmp("bmp-24.bmp", [row.tobytes() for row in a], size, 24)
    bmp("bmp-24-topdown.bmp", [row.tobytes() for row in a], size, 24, top_down=True)
    bmp("bmp-24-os2.bmp", [row.tobytes() for row in a], size, 24, header=12)
    wide = np.concatenate([a, random.integers(0, 256, (42, 45, 1), dtype=np.uint8)], -1)
    bmp("bmp-32.bmp", [row.tobytes() for row in wide], size, 32)
    masks = (0xFF0000, 0xFF00, 0xFF)
    bmp("bmp-32-masks.bmp", [row.tobytes() for row in wide], size, 32, masks=masks, header=124)
    for name, masks in (("555", (0x7C00, 0x3E0, 0x1F)), ("565", (0xF800, 0x7E0, 0x1F))):
        rows = [random.integers(0, 65536, 45, dtype=np.uint16).astype("<u2").tobytes()
                for _ in range(42)]
        bmp(f"bmp-16-{name}.bmp", rows, size, 16, masks=masks)
    bmp("bmp-16.bmp", rows, size, 16)
    for bits in (1, 4, 8):
        colours = min(2 ** bits, 200)
        palette = b"".join(bytes(random.integers(0, 256, 3).tolist()) + b"\0" for _ in range(colours))
        indices = random.integers(0, colours, (42, 45), dtype=np.uint8)
        flat = np.unpackbits(indices[..., None], axis=-1)[..., 8 - bits:].reshape(42, -1)
        bmp(f"bmp-{bits}.bmp", [np.packbits(row).tobytes() for row in flat], size, bits, palette)


def damaged():
    """Files that the references read though something in them is wrong."""
    jpeg = (FOLDER / "jpeg-restart.jpg").read_bytes()
    marker = jpeg.index(b"\xff\xd3", jpeg.index(b"\xff\xda"))
    (FOLDER / "jpeg-short-interval.jpg").write_bytes(jpeg[:marker - 20] + jpeg[marker:])
    png = (FOLDER / "png-rgb.png").read_bytes()
    (FOLDER / "png-end-checksum.png").write_bytes(png[:-4] + b"\1\2\3\4")


def exif(orientation):
    tags = Image.Exif()
    tags[274] = orientation
    return tags


def as_timm(path):
    image = Image.open(path)
    if image.mode.startswith("I;16"):  # Pillow clips here; the high byte is what is meant.
        image = Image.fromarray((np.array(image) >> 8).astype(np.uint8))
    image = F.resize(image.convert("RGB"), SHORT, F.InterpolationMode.BILINEAR)
    return np.array(F.center_crop(image, CROP))


def as_paddle(path):
    a = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    scale = SHORT / min(a.shape[:2])
    width, height = round(a.shape[1] * scale), round(a.shape[0] * scale)
    a = cv2.resize(a, (width, height), interpolation=cv2.INTER_LINEAR)
    x, y = (width - CROP) // 2, (height - CROP) // 2
    return a[y:y + CROP, x:x + CROP]


def main():
    global random
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for sampling in ("444", "422", "420", "411"):
        pil_save(f"jpeg-{sampling}.jpg", scene(97, 71), subsampling=":".join(sampling), quality=85)
    for name, factor in (("440", 0x121111),):
        cv_save(f"jpeg-{name}.jpg", scene(71, 97), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor)
    pil_save("jpeg-progressive.jpg", scene(90, 63), progressive=True)
    pil_save("jpeg-gray.jpg", scene(64, 80)[..., 0])
    pil_save("jpeg-restart.jpg", scene(83, 64), restart_marker_blocks=3)
    pil_save("jpeg-rgb.jpg", scene(60, 60), keep_rgb=True)
    pil_save("jpeg-cmyk.jpg", Image.fromarray(scene(70, 52, 4), "CMYK"), quality=90)
    pil_save("jpeg-1x1.jpg", scene(1, 1))
    pil_save("jpeg-trailing.jpg", scene(40, 40))
    with open(FOLDER / "jpeg-trailing.jpg", "ab") as file:
        file.write(b"after the end")
    for orientation in range(1, 9):
        pil_save(f"jpeg-exif{orientation}.jpg", scene(61, 44), exif=exif(orientation))
    pil_save("png-exif6.png", scene(61, 44), "PNG", exif=exif(6))
    pil_save("webp-exif8.webp", scene(61, 44), "WEBP", exif=exif(8))
    pil_save("png-rgb.png", scene(55, 42), "PNG")
    pil_save("png-alpha.png", Image.fromarray(scene(40, 50, 4), "RGBA"), "PNG")
    pil_save("png-gray-alpha.png", Image.fromarray(scene(40, 50, 2), "LA"), "PNG")
    pil_save("png-key.png", scene(42, 42), "PNG", transparency=(255, 0, 3))
    pil_save("png-1bit.png", Image.fromarray(scene(64, 48)).convert("1"), "PNG")
    for bits in (1, 2, 4, 8):
        palette = Image.fromarray(scene(64, 48)).quantize(min(2 ** bits, 200))
        pil_save(f"png-palette{bits}.png", palette, "PNG", bits=bits, transparency=0)
    for channels in (1, 3, 4):
        deep = random.integers(0, 65536, (44, 41, channels), dtype=np.uint16)
        cv_save(f"png-16bit-{channels}.png", deep)
    interlaced_png("png-interlaced.png", scene(43, 47))
    interlaced_png("png-interlaced-3x2.png", scene(3, 2))
    # Taller than twice its width: Pillow filters columns first.
    pil_save("png-tall.png", scene(45, 160), "PNG")
    pil_save("png-wide.png", scene(300, 41), "PNG")
    pil_save("png-1x40.png", scene(1, 40), "PNG")
    pil_save("png-same-size.png", scene(40, 53), "PNG")
    pil_save("webp-lossy.webp", scene(66, 49), "WEBP", quality=70)
    pil_save("webp-lossless.webp", scene(66, 49), "WEBP", lossless=True)
    pil_save("webp-alpha.webp", Image.fromarray(scene(49, 66, 4), "RGBA"), "WEBP", quality=70)
    before, random = random, np.random.default_rng(20)
    bmps()
    damaged()
    random = before

    for path in sorted(FOLDER.iterdir()):
        path.with_name(path.name + ".pil").write_bytes(as_timm(path).tobytes())
        path.with_name(path.name + ".opencv").write_bytes(as_paddle(path).tobytes())

    frames = [Image.fromarray(scene(20, 20)) for _ in range(2)]
    pil_save("bad-animation.webp", frames[0], "WEBP", save_all=True, append_images=frames[1:])
    pil_save("bad-gif.jpg", scene(8, 8), "GIF")
    for name, place, value in (("runs", 30, 1), ("depth", 28, 5), ("offset", 10, 255),
                               ("tall", 22, 255), ("header", 14, 41)):
        bytes_ = bytearray((FOLDER / "bmp-24.bmp").read_bytes())
        bytes_[place] = value
        (FOLDER / f"bad-{name}.bmp").write_bytes(bytes_)
    bytes_ = bytearray((FOLDER / "bmp-4.bmp").read_bytes())
    bytes_[46] = 3
    (FOLDER / "bad-colours.bmp").write_bytes(bytes_)
    pil_save("bad-tiff.jpg", scene(8, 8), "TIFF")
    pil_save("bad-avif.jpg", scene(8, 8), "AVIF")


if __name__ == "__main__":
    main()
