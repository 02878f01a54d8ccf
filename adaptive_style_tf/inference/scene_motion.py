"""How the scene of a video moves from each frame to the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.motion import Flow, Picture, optical_flow, visible, warped

SAME_LOOK = 16  # levels of 255, mean over colors; beyond, the motion was followed wrongly


@dataclass(frozen=True)
class Motion:
    """Of one frame, since the frame before.

    Args:
        back: where every point was in the frame before, px.
        seen: [H, W], the points that are seen in both and look the same.
    """

    back: Flow
    seen: NDArray[np.bool_]


class SceneMotion:
    """Follows the frames of a video, in their order."""

    def __init__(self) -> None:
        self._before: Picture | None = None

    def forget(self) -> None:
        """Lets the next frame begin anew."""
        self._before = None

    def into(self, photograph: Picture) -> Motion | None:
        """The motion into the next frame.

        Args:
            photograph: [H, W, 3], 0 to 255.

        Returns:
            None for the first frame, and for one of another size than the one before.
        """
        earlier, self._before = self._before, photograph
        if earlier is None or earlier.shape != photograph.shape:
            return None
        back = optical_flow(photograph, earlier)
        seen = visible(back, optical_flow(earlier, photograph))
        change = np.abs(warped(earlier, back) - photograph).mean(-1)
        return Motion(back, seen & (change < SAME_LOOK))
