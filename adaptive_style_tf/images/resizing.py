"""Scaling pictures in memory."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def scaled_to_short_side(height: int, width: int, short_side: int) -> tuple[int, int]:
    """(height, width) of a picture that is scaled so that its short side has `short_side` pixels.

    The long side is rounded to whole pixels.

    Raises:
        ValueError: a side is not positive.
    """
    if min(height, width, short_side) < 1:
        raise ValueError(
            "Sides have at least 1 pixel. "
            f"Received: height={height}, width={width}, short_side={short_side}"
        )
    shorter = min(height, width)
    # In whole numbers: a float would round some long sides differently on different machines.
    return tuple((2 * side * short_side + shorter) // (2 * shorter) for side in (height, width))  # type: ignore[return-value]


def resized(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Scales a picture with Lanczos' filter, which is widened where it shrinks (no aliasing).

    Args:
        picture: uint8 [H, W, 3], or [H, W] for opacity.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Returns:
        uint8 [height, width, 3] or [height, width]; the same array where the size is right already.
    """
    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.array(image.resize((width, height), Image.Resampling.LANCZOS))
