"""Results of a video that move along with its scene."""

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.motion import warped
from adaptive_style_tf.inference.scene_motion import Motion


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
        self._shown: NDArray[np.float32] | None = None

    def blended(self, motion: Motion | None, stylized: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes in the result of a frame and gives the one to be shown.

        Args:
            motion: of the scene into this frame; None carries nothing into it.
            stylized: [H, W, 3], any range.

        Returns:
            [H, W, 3], in the range of the results so far.
        """
        if motion is not None and self._shown is not None:
            share = (self._share * motion.seen[..., np.newaxis]).astype(np.float32)
            stylized = stylized + share * (warped(self._shown, motion.back) - stylized)
        self._shown = stylized
        return stylized
