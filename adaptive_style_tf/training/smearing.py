"""Values smeared along straight strokes, each in its own direction.

`keras.ops` alone: the same for every training loop.
"""

from typing import Any, NamedTuple

import numpy as np
from keras import ops


class Stroke(NamedTuple):
    """The length of a stroke, px."""

    reach: float  # half of it
    spacing: float  # between samples along it


def smeared(values: Any, directions: tuple[Any, Any], stroke: Stroke) -> Any:
    """The mean of values `(N, H, W, C)` along a straight stroke through each pixel."""
    count, height, width, channels = values.shape
    flat = ops.reshape(values, (count * height * width, channels))
    rows = ops.arange(height, dtype="float32")[None, :, None]
    columns = ops.arange(width, dtype="float32")[None, None, :]
    first = ops.arange(count, dtype="int32")[:, None, None] * (height * width)
    samples = round(1.3 * stroke.reach / stroke.spacing)
    distances = stroke.spacing * np.arange(-samples, samples + 1)
    shares = np.exp(-((distances / stroke.reach) ** 4))
    along = ops.convert_to_tensor(distances, "float32")
    weights = ops.convert_to_tensor(shares / shares.sum(), "float32")

    def with_sample(number: Any, total: Any) -> Any:
        row = nearest(rows + along[number] * directions[1], height)
        column = nearest(columns + along[number] * directions[0], width)
        return total + weights[number] * ops.take(flat, first + row * width + column, axis=0)

    # As a loop of the backend's: written out, a step takes three times as long to compile.
    return ops.fori_loop(0, len(distances), with_sample, ops.zeros_like(values))


def nearest(positions: Any, side: int) -> Any:
    """The pixel at each position along a side, mirrored where it lies beyond."""
    positions = ops.abs(positions)
    positions = (side - 1) - ops.abs((side - 1) - positions)
    return ops.cast(ops.round(positions), "int32")
