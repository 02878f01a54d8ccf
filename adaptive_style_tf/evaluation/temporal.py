"""Flicker of a stylized video: the flow-warped difference between consecutive frames.

Where the same point of a scene is seen in two consecutive frames, it should look the same in both
results. The motion is taken from the source frames; points that are hidden in one of the frames are
left out. The measure is the warping error of Lai et al. 2018.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.motion import Flow, optical_flow, visible, warped

Picture = NDArray[np.uint8]  # [H, W, 3], 0 to 255


@dataclass(frozen=True)
class WarpingError:
    """How much results differ from the results before them, moved along with the scene.

    Args:
        absolute: mean absolute difference, in levels of 255; NaN where `visible` is 0.
        squared: mean squared difference, in levels squared; likewise.
        visible: share of the pixels that is seen in both frames, 0 to 1.
        pairs: of consecutive frames.
    """

    absolute: float
    squared: float
    visible: float
    pairs: int


def temporal_error(frames: Iterable[tuple[Picture, Picture]]) -> WarpingError:
    """The warping error of a video, the mean over all pairs of consecutive frames.

    Pairs without a point that is seen in both, such as those of a cut, count for `visible` alone.

    Args:
        frames: of source and result, in their order; two of them are held at a time.

    Raises:
        ValueError: there are fewer than two frames, no point is seen twice, or sizes differ.
    """
    errors = []
    before: tuple[Picture, Picture] | None = None
    for source, result in frames:
        if before is not None:
            errors.append(warping_error((before[0], source), (before[1], result)))
        before = (source, result)
    if not errors:
        raise ValueError("A temporal error needs at least two frames.")
    seen = [error for error in errors if error.visible > 0]
    if not seen:
        raise ValueError("No point is seen in two consecutive frames, so there is no error.")
    return WarpingError(
        absolute=float(np.mean([error.absolute for error in seen])),
        squared=float(np.mean([error.squared for error in seen])),
        visible=float(np.mean([error.visible for error in errors])),
        pairs=len(errors),
    )


def warping_error(
    sources: tuple[Picture, Picture], results: tuple[Picture, Picture]
) -> WarpingError:
    """The warping error of one pair of consecutive frames.

    Args:
        sources: the frames whose motion is measured.
        results: what was made of them, of the same size.

    Raises:
        ValueError: sizes differ.
    """
    shapes = {picture.shape for picture in (*sources, *results)}
    if len(shapes) != 1:
        raise ValueError(f"Frames and results have one size. Received: {sorted(shapes)}")
    back, there = optical_flow(sources[1], sources[0]), optical_flow(sources[0], sources[1])
    return difference(results, back, visible(back, there))


def difference(
    results: tuple[Picture, Picture], back: Flow, seen: NDArray[np.bool_]
) -> WarpingError:
    """Compares the second result with the first, moved along with the scene.

    Args:
        results: of two consecutive frames.
        back: where every point of the second frame was in the first, px.
        seen: [H, W], the points to compare.
    """
    if not seen.any():
        return WarpingError(math.nan, math.nan, visible=0.0, pairs=1)
    moved = warped(results[0], back)
    differences = results[1].astype(np.float32)[seen] - moved[seen]  # [points, 3]
    return WarpingError(
        absolute=float(np.abs(differences).mean()),
        squared=float(np.square(differences).mean()),
        visible=float(seen.mean()),
        pairs=1,
    )
