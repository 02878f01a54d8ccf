"""Where a new scene begins in a video."""

import cv2
import numpy as np
from numpy.typing import NDArray

SCENE_CUT = 0.5  # share of the picture whose colors are new
THUMBNAIL = (64, 36)  # px, width and height; enough for colors
BINS = 8  # of each color channel


class SceneCuts:
    """Tells where a new scene begins: where most of the picture has other colors than before.

    A cut between scenes of the same colors goes unseen; the statistics hardly change there either.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def begins(self, picture: NDArray[np.uint8]) -> bool:
        """Whether this picture, the next of its video, begins a scene; so does the first.

        Args:
            picture: [H, W, 3], 0 to 255.
        """
        colors = color_shares(picture)
        before, self._before = self._before, colors
        return before is None or float(np.abs(colors - before).sum()) / 2 > SCENE_CUT


def color_shares(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much of a picture each of 8 x 8 x 8 colors has.

    Args:
        picture: [H, W, 3], 0 to 255.

    Returns:
        [8, 8, 8], by red, green and blue; the sum is 1.
    """
    small = cv2.resize(picture, THUMBNAIL, interpolation=cv2.INTER_AREA)
    counts = cv2.calcHist([small], [0, 1, 2], None, [BINS] * 3, [0, 256] * 3)
    return np.asarray(counts / counts.sum(), np.float32)
