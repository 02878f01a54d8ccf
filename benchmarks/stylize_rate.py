"""What the stylize command adds to the network: pictures of a folder, and frames of a video.

    python benchmarks/stylize_rate.py data/photos --style cezanne
    python benchmarks/stylize_rate.py --video clip.mp4 --seconds 1 --style cezanne

Pictures are worked through in parts, each once by the command's batch (reading, network, writing)
and once by the network alone in a loop over arrays that are already in memory, in turn. Importing
and loading are not counted, nor is each size's first call. "overhead" is how much longer the batch
takes; the range is that of the parts.
"""

import argparse
import functools
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from adaptive_style_tf import Stylizer
from adaptive_style_tf.datasets.discovery import find_pictures
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.inference.batch.batch import Request, prepare, run
from adaptive_style_tf.inference.sizes import padding
from adaptive_style_tf.inference.video import VideoOptions, stylize_video
from adaptive_style_tf.models import Generator, assign_weights
from adaptive_style_tf.styles import find_style


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what stylize adds to the network.")
    parser.add_argument("folder", type=Path, nargs="?", help="photographs, at any depth")
    parser.add_argument("--style", default="paul-cezanne")
    parser.add_argument("--count", type=int, default=100, help="photographs (default 100)")
    parser.add_argument("--parts", type=int, default=5, help="turns of each way (default 5)")
    parser.add_argument("--video", type=Path, help="a clip; 720p for the table")
    parser.add_argument("--seconds", type=float, default=1.0, help="of the clip (default 1)")
    arguments = parser.parse_args()

    style = find_style(arguments.style)
    generator = Generator(style.description.ngf)
    generator.build((None, None, None, 3))
    assign_weights(generator, style.generator_weights())
    if arguments.folder is not None:
        compare_pictures(arguments, generator)
    if arguments.video is not None:
        compare_video(arguments, generator)


def compare_pictures(arguments, generator) -> None:
    files = find_pictures(arguments.folder)[: arguments.count]
    if len(files) < arguments.parts:
        raise SystemExit(f"{arguments.folder} has {len(files)} pictures, too few to measure")
    parts = [files[turn :: arguments.parts] for turn in range(arguments.parts)]
    pixels = sum(read_picture(file)[..., 0].size for file in files)
    batch_times, network_times = [], []
    for number, part in enumerate([parts[0], *parts]):  # the first turn warms up
        inputs = [network_input(read_picture(file)) for file in part]
        network = seconds_of(lambda given=inputs: [through(generator, one) for one in given])
        with tempfile.TemporaryDirectory() as output:
            batch = seconds_of(lambda files=part, out=output: stylize(files, arguments.style, out))
        if number > 0:
            batch_times.append(batch - loading_seconds(arguments.style))
            network_times.append(network)
    ratios = [a / b for a, b in zip(batch_times, network_times, strict=True)]
    print(f"{len(files)} pictures, {pixels / len(files) / 1e6:.2f} megapixels each on average")
    print(f"  network alone {sum(network_times) / len(files):.3f} s each")
    print(f"  command       {sum(batch_times) / len(files):.3f} s each")
    print(
        f"  overhead {100 * (statistics.median(ratios) - 1):.1f} % "
        f"({100 * (min(ratios) - 1):.1f} to {100 * (max(ratios) - 1):.1f})"
    )


def compare_video(arguments, generator) -> None:
    stylizer = Stylizer.load(arguments.style)
    frames = []

    def keep(frame):
        frames.append(frame)
        return stylizer.image(frame)

    times, network_times = [], []
    with tempfile.TemporaryDirectory() as output:
        for turn in range(3):  # the first one keeps the frames and warms up
            options = VideoOptions(duration=arguments.seconds)
            target = Path(output) / f"{turn}.mp4"
            stylize_frame = keep if turn == 0 else stylizer.image
            run_once = functools.partial(
                stylize_video, arguments.video, target, stylize_frame, options=options
            )
            video = seconds_of(run_once)
            inputs = (network_input(frame) for frame in frames)
            network = sum(seconds_of(lambda one=one: through(generator, one)) for one in inputs)
            if turn > 0:
                times.append(video / len(frames))
                network_times.append(network / len(frames))
    height, width = frames[0].shape[:2]
    ours, alone = statistics.median(times), statistics.median(network_times)
    print(f"video of {width} x {height}, {len(frames)} frames")
    print(f"  network alone {1 / alone:.3f} frames/s, command {1 / ours:.3f} frames/s")
    print(f"  overhead {100 * (ours / alone - 1):.1f} %")


def stylize(files, style, output) -> None:
    batch = prepare(Request(inputs=tuple(files), styles=(style,), output=Path(output)))
    report = run(batch, tell=lambda _: None, say=print, frames=lambda *_: None)
    if len(report.of("done")) != len(files):
        raise SystemExit("some pictures could not be stylized")


@functools.cache
def loading_seconds(style: str) -> float:
    """Loading a style, which the batch does in every turn."""
    return min(seconds_of(lambda: Stylizer.load(style)) for _ in range(3))


def network_input(picture):
    """What the network is given of a picture: float32 [1, H, W, 3] in [-1, 1]."""
    extended = np.pad(picture, (*padding(*picture.shape[:2]), (0, 0)), mode="symmetric")
    return extended[np.newaxis].astype(np.float32) / 127.5 - 1


def through(generator, given):
    return np.asarray(generator(given, training=False))


def seconds_of(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
