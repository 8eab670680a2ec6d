#!/usr/bin/env python3
"""Compares dla's resizing with PIL's and OpenCV's, byte for byte.

    Scripts/check-interpolation.py FOLDER [DLA]

Needs numpy, Pillow 13, OpenCV 5 (the package for x86-64, whose bicubic is Intel's) and safetensors.
Takes the images below the folder, and parts of them of random size as PNG, until there are 200. Each is
resized with both presets and all interpolations at six sizes. Prints a table, and the exit status is 1
if a byte differs.
"""
import os
import random
import subprocess
import sys
import tempfile

import cv2
import numpy
from PIL import Image
from safetensors.numpy import load_file

COUNT = 200
SIZES = [(256, 224), (235, 224), (288, 288), (73, 64), (512, 448), (40, 32)]
PIL = {'bilinear': Image.BILINEAR, 'bicubic': Image.BICUBIC, 'area': Image.BOX}
OPENCV = {'bilinear': cv2.INTER_LINEAR, 'bicubic': cv2.INTER_CUBIC, 'area': cv2.INTER_AREA}


def timm(path, interpolation, short, crop):
    """torchvision's Resize and CenterCrop."""
    image = Image.open(path).convert('RGB')
    width, height = image.size
    long = int(short * max(width, height) / min(width, height))
    size = (short, long) if width <= height else (long, short)
    pixels = numpy.asarray(image.resize(size, PIL[interpolation]) if size != image.size else image)
    top, left = (round((side - crop) / 2) for side in pixels.shape[:2])
    return pixels[top:top + crop, left:left + crop]


def paddle(path, interpolation, short, crop):
    """PaddleClas's ResizeImage and CropImage."""
    pixels = cv2.imread(path)[:, :, ::-1]
    height, width = pixels.shape[:2]
    scale = short / min(width, height)
    pixels = cv2.resize(pixels, (round(width * scale), round(height * scale)),
                        interpolation=OPENCV[interpolation])
    top, left = ((side - crop) // 2 for side in pixels.shape[:2])
    return pixels[top:top + crop, left:left + crop]


def pictures(folder, work):
    """Images of the folder, and parts of them."""
    found = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
                   if name.lower().endswith(('.jpg', '.jpeg', '.png')))
    draw = random.Random(1)
    for number in range(COUNT):
        source = found[number % len(found)]
        path = os.path.join(work, f'{number}.png')
        # Without the profile that the file may hold.
        image = Image.fromarray(numpy.asarray(Image.open(source).convert('RGB')))
        if number >= len(found):
            width, height = (draw.randint(min(8, side), side) for side in image.size)
            left, top = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
            image = image.crop((left, top, left + width, top + height))
        # Longer than this and a resized side exceeds what OpenCV's 16-bit places hold.
        if max(image.size) <= 40 * min(image.size):
            image.save(path)
            yield path


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    dla = (sys.argv[2:] or ['.build/release/dla'])[0]
    failed = False
    with tempfile.TemporaryDirectory() as work:
        paths = list(pictures(sys.argv[1], work))
        output = os.path.join(work, 'out.safetensors')
        print(f'{"preset":<8}{"interpolation":<14}{"images":>7}{"bytes":>12}{"differ":>8}')
        for preset, reference in (('timm', timm), ('paddle', paddle)):
            for interpolation in PIL:
                images = total = differing = 0
                for short, crop in SIZES:
                    subprocess.run(
                        [dla, 'preprocess', '--preset', preset, '--interpolation', interpolation,
                         '--resize-short', str(short), '--crop', str(crop), '--output', output, *paths],
                        check=True)
                    tensors = load_file(output)
                    for path in paths:
                        ours = tensors[os.path.basename(path) + '/pixels']
                        theirs = reference(path, interpolation, short, crop)
                        images, total = images + 1, total + ours.size
                        differing += int((ours != theirs).sum())
                failed |= differing > 0
                print(f'{preset:<8}{interpolation:<14}{images:>7}{total:>12}{differing:>8}')
    sys.exit(1 if failed else 0)


main()
