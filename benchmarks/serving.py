"""Latency and throughput of an exported style, without a server in between.

    python -m adaptive_style_tf.export --style cezanne --output serving/cezanne
    python benchmarks/serving.py serving/cezanne

Each caller is a thread that asks for one picture after the other, as a server's threads would;
`serving_default` gets arrays, `stylize_encoded` JPEG files. The first call of each size is not
counted. Peak memory is that of the whole process so far, so it belongs to the largest size.
"""

import argparse
import io
import os
import resource
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image

from adaptive_style_tf.serving.versions import newest_version

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an exported style.")
    parser.add_argument("model", type=Path, help="a SavedModel, or the folder of its versions")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--requests", type=int, default=8, help="of each row (default 8)")
    arguments = parser.parse_args()
    # Kept in a name: the signatures do not hold the variables by themselves.
    model = tf.saved_model.load(str(newest_version(arguments.model)))
    print("| size | signature | callers | p50, s | p95, s | requests / s | peak memory, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size, (width, height) in SIZES.items():
        for signature, ask in questions(model, width, height).items():
            ask()
            for callers in arguments.callers:
                seconds, elapsed = timed(ask, callers, arguments.requests)
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                middle, high = statistics.median(seconds), np.percentile(seconds, 95)
                rate = len(seconds) / elapsed
                print(
                    f"| {size} | {signature} | {callers} | {middle:.2f} | {high:.2f} | {rate:.2f} "
                    f"| {peak} |",
                    flush=True,
                )


def questions(model: tf.Module, width: int, height: int) -> dict[str, Callable[[], object]]:
    """By signature, what asks it for one picture of this size."""
    small = np.random.default_rng(0).integers(0, 256, (height // 20, width // 20, 3), np.uint8)
    picture = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    array, files = tf.constant(np.asarray(picture)[np.newaxis]), tf.constant([buffer.getvalue()])
    by_name = model.signatures
    return {
        "serving_default": lambda: by_name["serving_default"](image=array),
        "stylize_encoded": lambda: by_name["stylize_encoded"](image_bytes=files),
    }


def timed(ask: Callable[[], object], callers: int, requests: int) -> tuple[list[float], float]:
    """Seconds of each request, and of all of them together."""
    seconds: list[float] = []

    def call() -> None:
        for _ in range(max(1, requests // callers)):
            start = time.perf_counter()
            ask()
            seconds.append(time.perf_counter() - start)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, time.perf_counter() - start


if __name__ == "__main__":
    main()
