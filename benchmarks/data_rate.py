"""Augmented training crops per second of a folder of pictures: one thread, and the pipeline.

    python benchmarks/data_rate.py data/artists/paul-cezanne --kind painting
    python benchmarks/data_rate.py data/photos --kind photograph --image-size 256 768

"first" is the first epoch, in which every picture is decoded; "kept" the later ones, with decoded
pictures in memory. The pipeline's rate is that of batches of one. "CPU ms" is the processor time
of a crop (one thread, kept): it hardly depends on what else the machine does.
"""

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import cv2

from adaptive_style_tf.datasets.crops import CropSettings, CropSource
from adaptive_style_tf.datasets.discovery import find_pictures
from adaptive_style_tf.datasets.pipeline import batches, default_workers


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure augmented training crops per second.")
    parser.add_argument("folder", type=Path, help="pictures, at any depth")
    parser.add_argument("--kind", choices=("painting", "photograph"), default="painting")
    parser.add_argument("--image-size", type=int, nargs="+", default=[256, 768], metavar="PX")
    parser.add_argument("--crops", type=int, default=150, help="timed in each cell (default 150)")
    parser.add_argument("--workers", type=int, default=default_workers())
    arguments = parser.parse_args()

    files = find_pictures(arguments.folder)
    print(f"{len(files)} {arguments.kind}s in {arguments.folder}; crops per second")
    print(
        f"{'px':>6} {'thread, first':>14} {'thread, kept':>13} {'pipeline, kept':>15} {'CPU ms':>7}"
    )
    for image_size in arguments.image_size:
        source = CropSource(files, arguments.kind, CropSettings(image_size), seed=0)
        cv2.setNumThreads(1)
        first = rate(map(source.crop, itertools.count()), min(arguments.crops, len(files)))
        for n in range(len(files)):
            source.crop(n)
        busy = time.thread_time()
        kept = rate(map(source.crop, itertools.count()), arguments.crops)
        busy = 1000 * (time.thread_time() - busy) / arguments.crops
        piped = iter(batches(source, 0, 1, arguments.workers))
        next(piped)  # the pipeline's start is not its rate
        pipeline = rate(piped, arguments.crops)
        print(f"{image_size:>6} {first:>14.0f} {kept:>13.0f} {pipeline:>15.0f} {busy:>7.1f}")
    print(f"pipeline: {arguments.workers} workers")


def rate(crops: Iterator[object], count: int) -> float:
    start = time.perf_counter()
    for _ in itertools.islice(crops, count):
        pass
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
