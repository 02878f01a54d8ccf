"""Flicker of a stylized video, with every frame by itself and with steady statistics.

    python benchmarks/temporal.py clip.mp4 --style cezanne --image-size 360 --duration 2

The numbers are the flow-warped difference between consecutive frames, in levels of 255: how much
the same point of the scene changes from frame to frame. The first row is the source's own: noise,
light, and the error of the optical flow.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from adaptive_style_tf.evaluation.temporal import WarpingError, temporal_error
from adaptive_style_tf.inference.steady import HORIZON, SteadyStylizer
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.inference.video_reading import opened_video
from adaptive_style_tf.inference.video_source import Span


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the flicker of a stylized video.")
    parser.add_argument("video", type=Path)
    parser.add_argument("--style", default="paul-cezanne", help="name or folder")
    parser.add_argument(
        "--image-size", type=int, metavar="PX", help="short side; default: as it is"
    )
    parser.add_argument("--start", type=Fraction, default=Fraction(0), metavar="S")
    parser.add_argument("--duration", type=Fraction, metavar="S", help="default: to the end")
    parser.add_argument(
        "--horizon",
        type=float,
        nargs="+",
        default=[float(HORIZON)],
        metavar="FRAMES",
        help=f"over which is averaged (default {HORIZON})",
    )
    arguments = parser.parse_args()

    def frames() -> Iterator[np.ndarray]:
        return read(arguments.video, arguments.start, arguments.duration, arguments.image_size)

    rows: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
        ("source", lambda frame: frame),
        ("frame by frame", Stylizer.load(arguments.style).image),
    ]
    for horizon in arguments.horizon:
        steady = SteadyStylizer.load(arguments.style, horizon)
        rows.append((f"steady, {horizon:g} frames", steady.image))
    print(
        "| frames | mean absolute | root mean square | pixels compared | against frame by frame |"
    )
    print("| --- | --- | --- | --- | --- |")
    plain: WarpingError | None = None
    for name, stylize in rows:
        error = temporal_error(pairs(frames(), stylize))
        plain = error if name == "frame by frame" else plain
        change = "" if plain is None else f"{100 * (error.absolute / plain.absolute - 1):+.1f} %"
        print(
            f"| {name} | {error.absolute:.3f} | {error.squared**0.5:.3f} | "
            f"{100 * error.visible:.1f} % | {change} |"
        )


def read(
    video: Path, start: Fraction, duration: Fraction | None, image_size: int | None
) -> Iterator[np.ndarray]:
    with opened_video(video, Span(start, duration), with_sound=False) as source:
        for step in source.steps:
            if step.frame is not None:
                yield scaled(step.frame.picture, image_size)


def scaled(picture: np.ndarray, short_side: int | None) -> np.ndarray:
    if short_side is None:
        return picture
    height, width = picture.shape[:2]
    factor = short_side / min(height, width)
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def pairs(
    frames: Iterable[np.ndarray], stylize: Callable[[np.ndarray], np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for frame in frames:
        yield frame, stylize(frame)


if __name__ == "__main__":
    main()
