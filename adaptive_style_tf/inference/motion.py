"""Motion between frames of a video: where points go, and which of them are seen in both."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # [H, W, 3], 0 to 255
Flow = NDArray[np.float32]  # [H, W, 2], px: x to the right, y down

SMALLEST_SIDE = 16  # px; OpenCV refuses what is much smaller
CONSISTENCY_SHARE = 0.01  # of the squared motion, by which there and back may miss each other
CONSISTENCY_PIXELS = 0.5  # px squared, added to it (both: Sundaram et al. 2010, equation 5)


def optical_flow(start: Picture, end: Picture) -> Flow:
    """Where every point of `start` is in `end`: `start[p]` shows what `end[p + flow[p]]` shows.

    Dense inverse search (Kroeger et al. 2016), on brightness alone.

    Args:
        start: [H, W, 3], any size from 1 x 1.
        end: of the same size.

    Returns:
        [H, W, 2], px.
    """
    height, width = start.shape[:2]
    missing = [(0, max(0, SMALLEST_SIDE - side)) for side in (height, width)]
    gray = (
        np.pad(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), missing, mode="edge")
        for picture in (start, end)
    )
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = np.asarray(estimator.calc(*gray, None), np.float32)  # type: ignore[call-overload]
    return flow[:height, :width]


def visible(back: Flow, there: Flow) -> NDArray[np.bool_]:
    """Which points of the second frame are seen in the first as well.

    Following the motion back and there again leads to where it began, unless something else hides
    the point in the first frame.

    Args:
        back: where every point of the second frame was in the first.
        there: where every point of the first frame is in the second.

    Returns:
        [H, W]; not where the motion comes from outside the first frame.
    """
    there_moved = warped(there, back)
    missed = np.square(back + there_moved).sum(-1)
    motion = np.square(back).sum(-1) + np.square(there_moved).sum(-1)
    consistent = missed < CONSISTENCY_SHARE * motion + CONSISTENCY_PIXELS
    height, width = back.shape[:2]
    x, y = _places(back)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return np.asarray(consistent & inside)


def warped(
    array: NDArray[np.uint8] | Flow, flow: Flow, interpolation: int = cv2.INTER_LINEAR
) -> NDArray[np.float32]:
    """Takes every value from where the flow points: `result[p] = array[p + flow[p]]`.

    Args:
        array: [H, W, C].
        flow: [H, W, 2], px; outside the array its border goes on.
        interpolation: between pixels, OpenCV's number of it.

    Returns:
        [H, W, C].
    """
    x, y = _places(flow)
    values = array.astype(np.float32)
    moved = cv2.remap(values, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _places(flow: Flow) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = flow.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x + flow[..., 0], y + flow[..., 1]
