"""Flicker of a stylized video: the flow-warped difference between consecutive frames.

Where the same point of a scene is seen in two consecutive frames, it should look the same in both
results. The motion is taken from the source frames (DIS optical flow, Kroeger et al. 2016); points
that are hidden in one of the frames are left out (the check of Sundaram et al. 2010). The measure
is the warping error of Lai et al. 2018.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # [H, W, 3], 0 to 255
Flow = NDArray[np.float32]  # [H, W, 2], px: x to the right, y down

CONSISTENCY_SHARE = 0.01  # of the squared motion, by which there and back may miss each other
CONSISTENCY_PIXELS = 0.5  # px squared, added to it (both: Sundaram et al. 2010, equation 5)


@dataclass(frozen=True)
class WarpingError:
    """How much results differ from the results before them, moved along with the scene.

    Args:
        absolute: mean absolute difference, in levels of 255.
        squared: mean squared difference, in levels squared.
        visible: share of the pixels that is seen in both frames, 0 to 1.
        pairs: of consecutive frames.
    """

    absolute: float
    squared: float
    visible: float
    pairs: int


def temporal_error(frames: Iterable[tuple[Picture, Picture]]) -> WarpingError:
    """The warping error of a video, the mean over all pairs of consecutive frames.

    Args:
        frames: of source and result, in their order; two of them are held at a time.

    Raises:
        ValueError: there are fewer than two frames, or sizes differ.
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
    return WarpingError(
        absolute=_mean([error.absolute for error in seen]),
        squared=_mean([error.squared for error in seen]),
        visible=_mean([error.visible for error in errors]),
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


def optical_flow(start: Picture, end: Picture) -> Flow:
    """Where every point of `start` is in `end`: `start[p]` shows what `end[p + flow[p]]` shows."""
    grey = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (start, end))
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(estimator.calc(*grey, None), np.float32)  # type: ignore[call-overload]


def difference(
    results: tuple[Picture, Picture], back: Flow, seen: NDArray[np.bool_]
) -> WarpingError:
    """Compares the second result with the first, moved along with the scene.

    Args:
        results: of two consecutive frames.
        back: where every point of the second frame was in the first.
        seen: [H, W], the points to compare.
    """
    moved = warped(results[0], back)
    differences = results[1].astype(np.float32)[seen] - moved[seen]  # [points, 3]
    if not seen.any():
        return WarpingError(0.0, 0.0, 0.0, 1)
    return WarpingError(
        absolute=float(np.abs(differences).mean()),
        squared=float(np.square(differences).mean()),
        visible=float(seen.mean()),
        pairs=1,
    )


def visible(back: Flow, there: Flow) -> NDArray[np.bool_]:
    """Which points of the second frame are seen in the first as well.

    Following the motion back and there again leads to where it began, unless something else hides
    the point in the first frame.

    Args:
        back: where every point of the second frame was in the first.
        there: where every point of the first frame is in the second.

    Returns:
        [H, W].
    """
    there_moved = warped(there, back)
    missed = np.square(back + there_moved).sum(-1)
    motion = np.square(back).sum(-1) + np.square(there_moved).sum(-1)
    consistent = missed < CONSISTENCY_SHARE * motion + CONSISTENCY_PIXELS
    height, width = back.shape[:2]
    x, y = _places(back)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    seen: NDArray[np.bool_] = consistent & inside
    return seen


def warped(array: NDArray[np.uint8] | Flow, flow: Flow) -> NDArray[np.float32]:
    """Takes every value from where the flow points: `result[p] = array[p + flow[p]]`, bilinear.

    Args:
        array: [H, W, C].
        flow: [H, W, 2].
    """
    x, y = _places(flow)
    values = array.astype(np.float32)
    moved = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _places(flow: Flow) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = flow.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x + flow[..., 0], y + flow[..., 1]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
