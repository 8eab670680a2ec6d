"""Makes Tests/Fixtures/augmentations: changed images and statistics of what is drawn at random.

Run with PIL, torchvision, timm, OpenCV and safetensors:
python Tests/Fixtures/make_augmentations.py PADDLECLAS, where PADDLECLAS is a checkout of PaddleClas
(made with commit d178931fca432204e6b7422bac4f92e09ff22fa4). Paddle need not be installed: only the
classes that are named below are taken from it. Images follow from their names, by the stream that
DLATensor/KeyedRandom.swift describes; the tests draw the same ones.
"""

import ast
import json
import math
import pathlib
import random
import sys

import cv2
import numpy
import timm.data.auto_augment
import timm.data.random_erasing
import torch
import torchvision.transforms
import torchvision.transforms.functional as functional
from PIL import Image, ImageEnhance, ImageOps
from safetensors.numpy import save_file

from keyed import uniform

SIZES = {"noise": (23, 17), "faint": (13, 11), "grey": (5, 4), "strip": (2, 5), "dot": (1, 1)}
CROP = 10
DRAWS = 20_000


def picture(name):
    """Columns × rows of any levels; faint ones of a few, grey ones the same in all channels."""
    width, height = SIZES[name]
    levels = numpy.floor((uniform(f"picture/{name}", width * height * 3) + 1) * 128)
    pixels = levels.astype(numpy.uint8).reshape(height, width, 3)
    if name == "faint":
        pixels = pixels // 8 + 90
    if name == "grey":
        pixels = numpy.repeat(pixels[:, :, :1], 3, axis=2)
    return pixels


def taken(checkout, file, names, values):
    """Classes and functions of a file of PaddleClas, with other values for what it imports."""
    path = pathlib.Path(checkout) / "ppcls/data/preprocess/ops" / file
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if getattr(node, "name", None) in names]
    exec(compile(tree, str(path), "exec"), values)
    return values


class Sign:
    def __init__(self, sign):
        self.sign = sign

    def choice(self, options):
        assert options == [-1, 1]
        return self.sign


def rand_augment(checkout, name, magnitude, sign):
    values = {"random": Sign(sign), "np": numpy}
    values |= {"Image": Image, "ImageEnhance": ImageEnhance, "ImageOps": ImageOps}
    policy = taken(checkout, "randaugment.py", ["RandAugment"], values)["RandAugment"](
        magnitude=magnitude
    )
    image = Image.fromarray(picture(name))
    return {
        f"{name}/rand/{magnitude}/{operation}/{sign}": function(image, policy.level_map[operation])
        for operation, function in policy.func.items()
    }


def jitter(name):
    image = Image.fromarray(picture(name))
    changes = {
        "brightness": (functional.adjust_brightness, [0.0, 0.35, 1.8]),
        "contrast": (functional.adjust_contrast, [0.0, 0.35, 1.8]),
        "saturation": (functional.adjust_saturation, [0.0, 0.35, 1.8]),
        "hue": (functional.adjust_hue, [-0.5, -0.09, 0.001, 0.3]),
    }
    return {
        f"{name}/jitter/{change}/{number}": function(image, number)
        for change, (function, numbers) in changes.items()
        for number in numbers
    }


def crops(name):
    boxes = [(0, 0, 23, 17), (3, 2, 7, 9), (1, 4, 21, 3), (6, 0, 3, 17), (2, 1, 20, 10), (9, 5, 1, 1)]
    pixels = picture(name)
    result = {}
    for left, top, width, height in boxes:
        key = f"{left},{top},{width},{height}"
        result[f"{name}/crop/pil/{key}"] = functional.resized_crop(
            Image.fromarray(pixels), top, left, height, width, [CROP, CROP]
        )
        part = pixels[top : top + height, left : left + width]
        result[f"{name}/crop/opencv/{key}"] = cv2.resize(part, (CROP, CROP))
    return result


def resized(name):
    """Parts of an image, resized by the other interpolations."""
    boxes = [(0, 0, 23, 17), (3, 2, 7, 9), (1, 4, 21, 5), (6, 0, 4, 17), (2, 1, 20, 10), (9, 5, 1, 1)]
    filters = {
        "bicubic": (Image.BICUBIC, cv2.INTER_CUBIC),
        "area": (Image.BOX, cv2.INTER_AREA),
    }
    pixels = picture(name)
    result = {}
    for left, top, width, height in boxes:
        part = pixels[top : top + height, left : left + width]
        for interpolation, (pil, opencv) in filters.items():
            key = f"{interpolation}/{left},{top},{width},{height}"
            small = Image.fromarray(part).resize((CROP, CROP), pil)
            result[f"{name}/resized/pil/{key}"] = small
            # OpenCV's package leaves larger images to Intel's library, these to its own code.
            if interpolation == "area" or min(width, height) >= 4:
                small = cv2.resize(part, (CROP, CROP), interpolation=opencv)
                result[f"{name}/resized/opencv/{key}"] = small
    return result


def timm_operations(name, magnitude):
    """timm's operations with the fill of ImageNet's mean, and its names without their ends."""
    module = timm.data.auto_augment
    image = Image.fromarray(picture(name))
    result = {}
    for kind, operations in {
        "plain": module._RAND_TRANSFORMS,
        "inc": module._RAND_INCREASING_TRANSFORMS,
    }.items():
        for operation in operations:
            for sign in [1, -1]:
                module._randomly_negate = lambda value: sign * value
                for filter, resample in {
                    "bilinear": Image.BILINEAR,
                    "bicubic": Image.BICUBIC,
                }.items():
                    level = module.LEVEL_TO_ARG[operation]
                    arguments = level(magnitude, {}) if level else ()
                    short = operation.replace("Increasing", "").replace("Rel", "")
                    short = short[0].lower() + short[1:]
                    key = f"{name}/timm/{kind}/{short}/{magnitude}/{sign}/{filter}"
                    result[key] = module.NAME_TO_OP[operation](
                        image, *arguments, fillcolor=(124, 116, 104), resample=resample
                    )
    # One of several that are the same.
    kept = {}
    for key, image in result.items():
        parts = key.split("/")
        first = "/".join([*parts[:5], "1", "bilinear"])
        if key == first or (numpy.asarray(image) != numpy.asarray(result[first])).any():
            kept[key] = image
    return kept


class Always(Sign):
    def random(self):
        return 0


def auto_augment(checkout, name):
    """The pairs of AutoAugment, both operations followed, and how often each is."""
    result, probabilities = {}, []
    for sign in [1, -1]:
        values = {"random": Always(sign), "np": numpy}
        values |= {"Image": Image, "ImageEnhance": ImageEnhance, "ImageOps": ImageOps}
        classes = taken(checkout, "autoaugment.py", ["ImageNetPolicy", "SubPolicy"], values)
        pairs = classes["ImageNetPolicy"]().policies
        probabilities = [[pair.p1, pair.p2] for pair in pairs]
        for index, pair in enumerate(pairs):
            pair.p1 = pair.p2 = 1
            result[f"{name}/auto/{index}/{sign}"] = pair(Image.fromarray(picture(name)))
    return result, probabilities


def statistics(boxes):
    """Of left, top, width and height of those that are not None."""
    rows = numpy.array([box for box in boxes if box is not None], numpy.float64)
    return {
        "share": len(rows) / len(boxes),
        "means": rows.mean(axis=0).tolist(),
        "deviations": rows.std(axis=0).tolist(),
    }


def drawn_crops(checkout, size, settings):
    width, height = size
    area = [settings.get("minimumArea", 0.08), settings.get("maximumArea", 1.0)]
    ratio = [settings.get("minimumRatio", 3 / 4), settings.get("maximumRatio", 4 / 3)]

    def torchvision_box():
        top, left, rows, columns = torchvision.transforms.RandomResizedCrop.get_params(
            torch.zeros(3, height, width), area, ratio
        )
        return left, top, columns, rows

    values = {"random": random, "math": math, "format_data": lambda f: f}
    values["UnifiedResize"] = lambda interpolation, backend: lambda part, size: part
    crop = taken(checkout, "operators.py", ["RandCropImage"], values)["RandCropImage"](
        CROP, scale=area, ratio=ratio, use_log_aspect=settings.get("usesLogarithm", False)
    )
    places = numpy.stack(numpy.meshgrid(range(width), range(height)), axis=2)

    def paddle_box():
        part = crop(places)
        return *part[0, 0], part.shape[1], part.shape[0]

    common = {"size": size, "settings": settings}
    return [
        {**common, "convention": convention, **statistics([box() for _ in range(DRAWS)])}
        for convention, box in [("pil", torchvision_box), ("opencv", paddle_box)]
        if convention == "opencv" or "usesLogarithm" not in settings
    ]


def erased_box(ones, erase):
    """Where zeros are after erasing ones."""
    rows, columns = numpy.nonzero(numpy.asarray(erase(ones)) == 0)
    if len(rows) == 0:
        return None
    return columns.min(), rows.min(), numpy.ptp(columns) + 1, numpy.ptp(rows) + 1


def drawn_erasures(checkout, size):
    width, height = size
    mild = timm.data.random_erasing.RandomErasing(probability=0.6, device="cpu")

    def timm_erase(ones):
        return mild(torch.from_numpy(ones)[None].clone())[0]

    values = {"random": random, "math": math, "np": numpy, "format_data": lambda f: f}
    classes = taken(checkout, "random_erasing.py", ["Pixels", "RandomErasing"], values)
    paddle = classes["RandomErasing"](EPSILON=0.6, sl=0.1, sh="1.0/3.0", r1=0.4, attempt=2)
    sources = [
        ({"probability": 0.6}, timm_erase),
        (
            {"probability": 0.6, "minimumArea": 0.1, "minimumRatio": 0.4, "maximumRatio": 2.5}
            | {"usesLogarithm": False, "attempts": 2},
            lambda ones: paddle(ones[:, :, None].repeat(3, axis=2))[:, :, 0],
        ),
    ]
    return [
        {
            "size": size,
            "settings": settings,
            **statistics(
                [erased_box(numpy.ones((height, width)), erase) for _ in range(DRAWS)]
            ),
        }
        for settings, erase in sources
    ]


def main(checkout):
    random.seed(1)
    torch.manual_seed(1)
    changed = {}
    for name in SIZES:
        changed |= jitter(name) | rand_augment(checkout, name, 9, 1)
    changed |= rand_augment(checkout, "noise", 9, -1)
    changed |= rand_augment(checkout, "faint", 4.5, -1)
    changed |= crops("noise")
    # Where both senses of an operation are the same, one is kept.
    kept = {
        key: numpy.ascontiguousarray(numpy.asarray(image))
        for key, image in changed.items()
        if not key.endswith("/-1")
        or key.split("/")[2] == "4.5"
        or (numpy.asarray(image) != numpy.asarray(changed[key.replace("/-1", "/1")])).any()
    }
    folder = pathlib.Path(__file__).parent / "augmentations"
    folder.mkdir(exist_ok=True)
    save_file(kept, folder / "changed.safetensors")
    policies, probabilities = auto_augment(checkout, "noise")
    policies |= timm_operations("noise", 7) | timm_operations("faint", 9.9) | resized("noise")
    kept = {
        key: numpy.ascontiguousarray(numpy.asarray(image)) for key, image in policies.items()
    }
    save_file(kept, folder / "policies.safetensors")
    (folder / "probabilities.json").write_text(json.dumps(probabilities) + "\n")
    draws = {
        "crops": drawn_crops(checkout, (60, 45), {})
        + drawn_crops(checkout, (120, 20), {})
        + drawn_crops(checkout, (30, 40), {"minimumArea": 0.3, "minimumRatio": 0.5})
        + drawn_crops(checkout, (30, 40), {"minimumRatio": 0.25, "usesLogarithm": True}),
        "erasures": drawn_erasures(checkout, (24, 18)) + drawn_erasures(checkout, (9, 30)),
    }
    (folder / "draws.json").write_text(json.dumps(draws, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
