"""Flicker of a stylized video, with every frame by itself and with steady statistics.

    python benchmarks/temporal.py clip.mp4 --style cezanne --image-size 360 --duration 2

The numbers are the flow-warped difference between consecutive frames, in levels of 255: how much
the same point of the scene changes from frame to frame. The first row is the source's own: noise,
light, and the error of the optical flow. The last columns compare with frame by frame: less flicker
is better, as long as contours (the mean difference of neighboring pixels) do not blur.
"""

import argparse
import itertools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from adaptive_style_tf.evaluation.temporal import WarpingError, temporal_error
from adaptive_style_tf.images.resizing import resized, scaled_to_short_side
from adaptive_style_tf.inference.steady import FOLLOW, HORIZON, LAYERS, SteadyStylizer
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
    parser.add_argument(
        "--layers",
        nargs="+",
        choices=tuple(LAYERS),
        default=["last"],
        help="which normalizations are held steady (default last)",
    )
    parser.add_argument(
        "--follow",
        type=float,
        nargs="+",
        default=[FOLLOW],
        metavar="SHARE",
        help=f"of the result before that is carried along (default {FOLLOW})",
    )
    arguments = parser.parse_args()

    def frames() -> Iterator[np.ndarray]:
        return read(arguments.video, arguments.start, arguments.duration, arguments.image_size)

    rows: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
        ("source", lambda frame: frame),
        ("frame by frame", Stylizer.load(arguments.style).image),
    ]
    for layers, horizon in itertools.product(arguments.layers, arguments.horizon):
        steady = SteadyStylizer.load(arguments.style, horizon, layers, follow=0)
        rows.append((f"{layers} steady over {horizon:g}", steady.image))
    for follow in arguments.follow:
        steady = SteadyStylizer.load(arguments.style, follow=follow)
        rows.append((f"last steady over {HORIZON}, {follow:g} followed", steady.image))
    print("| results | mean absolute | root mean square | compared | flicker | contours |")
    print("| --- | --- | --- | --- | --- | --- |")
    plain = (WarpingError(1, 1, 1, 1), 1.0)
    for name, stylize in rows:
        contours: list[float] = []
        error = temporal_error(pairs(frames(), stylize, contours))
        plain = (error, np.mean(contours)) if name == "frame by frame" else plain
        compared = (
            f"{100 * (error.absolute / plain[0].absolute - 1):+.1f} % | "
            f"{100 * (np.mean(contours) / plain[1] - 1):+.1f} %"
        )
        print(
            f"| {name} | {error.absolute:.3f} | {error.squared**0.5:.3f} | "
            f"{100 * error.visible:.1f} % | {'|' if name == 'source' else compared} |"
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
    return resized(picture, *scaled_to_short_side(*picture.shape[:2], short_side))


def pairs(
    frames: Iterable[np.ndarray],
    stylize: Callable[[np.ndarray], np.ndarray],
    contours: list[float],
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Frames and results; notes how strong the contours of each result are."""
    for frame in frames:
        result = stylize(frame)
        contours.append(float(np.abs(np.diff(result.astype(np.float32), axis=1)).mean()))
        yield frame, result


if __name__ == "__main__":
    main()
