"""Makes Tests/Fixtures/events.out.tfevents.0.dla: a file of TensorBoard's own writer.

Run with TensorBoard: python Tests/Fixtures/make_tensorboard.py
Its records are those of Tests/DLATrainingTests/Log/TensorBoardFileTests.swift, its times fixed ones.
"""

import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer import record_writer

EVENTS = [
    (
        120,
        [
            ("train/loss", 6.785123),
            ("train/top1", 0.0042),
            ("learning_rate", 0.1),
            ("train/images_per_second", 127.5),
        ],
    ),
    (
        240,
        [
            ("train/loss", float("nan")),
            ("train/top1", 0.0),
            ("learning_rate", 0.05),
            ("train/images_per_second", float("inf")),
        ],
    ),
    (
        300,
        [("validation/loss", 6.25), ("validation/top1", 0.125), ("validation/top5", 0.3)],
    ),
]
TIME = 1_700_000_000.25

path = pathlib.Path(__file__).with_name("events.out.tfevents.0.dla")
with path.open("wb") as file:
    writer = record_writer.RecordWriter(file)
    version = event_pb2.Event(wall_time=TIME, file_version="brain.Event:2")
    writer.write(version.SerializeToString())
    for place, (step, scalars) in enumerate(EVENTS, 1):
        values = [
            summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars
        ]
        event = event_pb2.Event(
            wall_time=TIME + place, step=step, summary=summary_pb2.Summary(value=values)
        )
        writer.write(event.SerializeToString())
