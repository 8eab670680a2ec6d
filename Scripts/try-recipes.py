#!/usr/bin/env python3
"""Starts a training of each PaddleClas recipe below a folder, with the network replaced by dla46_c.

    Scripts/try-recipes.py FOLDER [DLA]

Each recipe trains for one update on twenty tiny images. Prints a line for each recipe: started, or the
reason of the refusal, and then how often each reason occurred. The exit status is 0.
"""
import collections
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib


def png(path, side, shade):
    """Writes a grey square."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + bytes([shade, (shade * 7) % 256, 99]) * side for _ in range(side))
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder, dla = sys.argv[1], (sys.argv[2:] or ['.build/release/dla'])[0]
    recipes = sorted(os.path.join(at, name) for at, _, names in os.walk(folder)
                     for name in names if name.endswith(('.yaml', '.yml')))
    reasons, started = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as work:
        lines = []
        for number in range(20):
            png(os.path.join(work, f'{number}.png'), 40, number * 12)
            lines.append(f'{number}.png {number % 2}')
        listed = os.path.join(work, 'list.txt')
        with open(listed, 'w') as file:
            file.write('\n'.join(lines) + '\n')
        values = ['Arch={name: DLA46_c, class_num: 2}', f'Global.output_dir={work}/out']
        for part in ('Train', 'Eval'):
            values += [f'DataLoader.{part}.dataset.image_root={work}',
                       f'DataLoader.{part}.dataset.cls_label_path={listed}']
        options = [word for value in values for word in ('-o', value)]
        for index, recipe in enumerate(recipes):
            run = subprocess.run(
                [dla, 'train', '--config', recipe, *options, '--output', f'{work}/{index}',
                 '--max-steps', '1', '--batch-size', '4', '--crop', '32', '--resize-short', '32'],
                capture_output=True, text=True, timeout=120)
            name = os.path.relpath(recipe, folder)
            if run.returncode == 0:
                started += 1
                print(f'started  {name}')
                continue
            last = run.stderr.strip().split('\n')[-1]
            print(f'refused  {name}: {last}')
            reason = last.replace(recipe, '').split('; ')[0]
            reasons[re.sub(r'^dla: (.*?line \d+: |: )?|\d+', '', reason)[:90]] += 1
    print(f'\n{started} of {len(recipes)} recipes started')
    for reason, count in reasons.most_common():
        print(f'{count:5}  {reason}')


main()
