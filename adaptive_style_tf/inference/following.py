"""Results of a video that move along with its scene."""

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.motion import optical_flow, visible, warped

SAME_LOOK = 16  # levels of 255, mean over colors; beyond, the motion was followed wrongly


class Follower:
    """Carries each result along with the scene into the next one.

    Args:
        share: of the result before in the new one, 0 to below 1, where a point is seen in both
            frames and looks the same.

    Raises:
        ValueError: if the share is out of range.
    """

    def __init__(self, share: float) -> None:
        if not 0 <= share < 1:
            raise ValueError(f"A share is from 0 to below 1. Received: share={share}")
        self._share = share
        self._before: tuple[NDArray[np.uint8], NDArray[np.float32]] | None = None

    def forget(self) -> None:
        """Lets the next frame begin anew."""
        self._before = None

    def blended(
        self, photograph: NDArray[np.uint8], stylized: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Takes in a frame and its result and gives the result to be shown.

        Nothing is carried into a frame of another size than the one before.

        Args:
            photograph: [H, W, 3], 0 to 255; its motion is followed.
            stylized: [H, W, 3], any range.

        Returns:
            [H, W, 3], in the range of the results so far.
        """
        if not self._share:
            return stylized
        if self._before is not None and self._before[0].shape == photograph.shape:
            earlier, shown = self._before
            back = optical_flow(photograph, earlier)
            seen = visible(back, optical_flow(earlier, photograph))
            change = np.abs(warped(earlier, back) - photograph).mean(-1)
            share = self._share * (seen & (change < SAME_LOOK))[..., np.newaxis]
            stylized = stylized + share.astype(np.float32) * (warped(shown, back) - stylized)
        self._before = (photograph, stylized)
        return stylized
