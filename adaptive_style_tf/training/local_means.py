"""Means of what lies around each pixel, with reflection beyond the picture's edges.

`keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any

import numpy as np
from keras import ops

QUARTER = 4  # px of a picture in each direction that are one of its quarter


def gaussian(values: Any, spread: float) -> Any:
    """Values `(N, H, W, C)` blurred by so many px, of small pictures as far as they reach."""
    reach = min(math.ceil(3 * spread), min(values.shape[1:3]) - 1)
    weights = np.exp(-np.square(np.arange(-reach, reach + 1) / spread) / 2)
    weights /= weights.sum()
    channels = values.shape[-1]
    values = framed(values, reach)
    for shape in ((-1, 1, 1, 1), (1, -1, 1, 1)):
        kernel = np.repeat(weights.reshape(shape), channels, axis=2).astype(np.float32)
        values = ops.depthwise_conv(values, kernel, 1, "valid", data_format="channels_last")
    return values


def local_mean(values: Any, side: int) -> Any:
    """The mean of the square around each pixel.

    Args:
        values: `(N, H, W, C)`, both sides larger than half of `side`.
        side: odd.
    """
    values = framed(values, side // 2)
    for window in ((side, 1), (1, side)):
        values = ops.average_pool(values, window, 1, "valid", data_format="channels_last")
    return values


def framed(values: Any, frame: int) -> Any:
    """Values `(N, H, W, C)` with so many px of reflection beyond every edge."""
    return ops.pad(values, [(0, 0), (frame, frame), (frame, frame), (0, 0)], mode="reflect")


def quartered(values: Any) -> Any:
    """Values `(N, H, W, C)` in a quarter of the size, H and W multiples of QUARTER."""
    return ops.average_pool(values, QUARTER, QUARTER, data_format="channels_last")


def enlarged(values: Any) -> Any:
    """Quartered values in the whole size, with even transitions."""
    height, width = values.shape[1:3]
    size = (QUARTER * height, QUARTER * width)
    return ops.image.resize(values, size, interpolation="bilinear", data_format="channels_last")
