"""Grain of a video that moves along with its scene, and with it the strokes that come of it.

Grain that rests with the frame lies on what moves behind it like dirt on a window.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.motion import warped
from adaptive_style_tf.inference.scene_motion import Motion

# Share of the resting grain in each frame's: where a camera comes nearer, grain would grow with
# the scene, and its strokes with it.
RENEWAL = 0.2
PARTING = 5.0  # px, of a blur: between the widths of fine and of broad grain (`images.grain`)
# Of fine grain, which stays so, and of broad. Each is carried by itself: broad grain stays longer
# like the resting one, and would outgrow the fine.
INTERPOLATIONS = (cv2.INTER_LANCZOS4, cv2.INTER_LINEAR)
NEIGHBORHOOD = 31  # px, side of the squares in which two fields are compared


class CarriedGrain:
    """The grain of the frames of one video, in their order."""

    def __init__(self) -> None:
        self._before: list[NDArray[np.float32]] | None = None

    def into(self, motion: Motion | None, resting: NDArray[np.float32]) -> NDArray[np.float32]:
        """The grain of the next frame.

        Args:
            motion: of the scene into this frame; None carries nothing into it.
            resting: [H, W, 3], the grain that a single picture has, of mean 0.

        Returns:
            [H, W, 3], as strong as the resting grain nearby; where the scene rests it does too.
        """
        at_rest = fine_and_broad(resting)
        if motion is None or self._before is None:
            self._before = at_rest
            return resting
        seen = motion.seen[..., np.newaxis]
        self._before = [
            np.where(seen, renewed(warped(before, motion.back, interpolation), rest), rest)
            for interpolation, before, rest in zip(
                INTERPOLATIONS, self._before, at_rest, strict=True
            )
        ]
        return np.where(seen, sum(self._before), resting)


def fine_and_broad(grain: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Grain `[H, W, 3]` in two parts, whose sum it is."""
    broad = np.asarray(cv2.GaussianBlur(grain, (0, 0), PARTING), np.float32)
    return [grain - broad, broad]


def renewed(moved: NDArray[np.float32], resting: NDArray[np.float32]) -> NDArray[np.float32]:
    """What has moved with some of what rests in it, as strong as that."""
    mixed = moved + RENEWAL * (resting - moved)
    return np.asarray(mixed / deviation(likeness(moved, resting))[..., np.newaxis], np.float32)


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """The correlation of two equally strong fields near each pixel, [H, W], 0 to 1."""
    side = (NEIGHBORHOOD, NEIGHBORHOOD)
    together = cv2.blur((one * other).mean(axis=-1), side)
    alone = cv2.blur(np.square(other).mean(axis=-1), side)
    return np.asarray(np.clip(together / np.maximum(alone, 1e-6), 0, 1), np.float32)


def deviation(correlation: NDArray[np.float32]) -> NDArray[np.float32]:
    """The standard deviation that the mixture of two fields of deviation 1 has."""
    kept = 1 - RENEWAL
    mixed = kept**2 + RENEWAL**2 + 2 * kept * RENEWAL * correlation
    return np.asarray(np.sqrt(mixed), np.float32)
