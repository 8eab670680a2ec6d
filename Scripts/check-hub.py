#!/usr/bin/env python3
"""Compares dla's probabilities with timm's, for a folder of weights and config.json.

    Scripts/check-hub.py HUB FOLDER [DLA]

HUB is a folder that `dla train --hub-format` or timm wrote; a network of one input channel gets gray
images. Classifies up to 50 images below FOLDER by both and prints the largest difference of a probability;
the exit status is 1 if it is above 1e-4. Needs timm, PyTorch and Pillow.
"""
import json
import os
import subprocess
import sys

import timm
import timm.data
import torch
from PIL import Image

COUNT = 50


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    hub, folder = sys.argv[1:3]
    dla = (sys.argv[3:] or ['.build/release/dla'])[0]
    found = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
                   if name.lower().endswith(('.jpg', '.jpeg', '.png')))
    paths = found[::max(1, len(found) // COUNT)][:COUNT]
    model = timm.create_model('local-dir:' + os.path.abspath(hub), pretrained=True).eval()
    settings = timm.data.resolve_data_config({}, model=model)
    mode = 'L' if settings['input_size'][0] == 1 else 'RGB'
    transform = timm.data.create_transform(**settings)
    run = subprocess.run([dla, 'classify', '--weights', hub, '--json', '--top', '5', *paths],
                         capture_output=True, text=True, check=True)
    largest = 0
    for path, line in zip(paths, run.stdout.splitlines(), strict=True):
        with torch.no_grad():
            expected = model(transform(Image.open(path).convert(mode))[None]).softmax(1)[0]
        for prediction in json.loads(line)['predictions']:
            difference = abs(prediction['probability'] - expected[prediction['index']].item())
            largest = max(largest, difference)
    print(f'{len(paths)} images, largest difference of a probability {largest:.2g}')
    sys.exit(1 if not largest <= 1e-4 else 0)


main()
