"""Which way strokes run, and what lies along them.

Along the edges nearby, by the smoothed tensor of their gradients, and along the larger shapes
around; where there is little of either, all one way, as in Cezanne's hatched skies and foliage.

`keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from adaptive_style_tf.training.local_means import (
    enlarged,
    framed,
    gaussian,
    local_mean,
    quartered,
)

SLANT = math.radians(125)  # of strokes where nothing else decides: from lower left to upper right
SLANT_STRENGTH = 9e-4  # beside squared differences of neighboring pixels, values in [-1, 1]
SHAPES_STRENGTH = 0.05  # of the larger shapes, whose differences are between quartered pixels


class Tensor(NamedTuple):
    """How gradients are taken, px."""

    blur: float  # before
    neighborhoods: tuple[int, int]  # sides of the squares in which they are averaged, one by one


EDGES = Tensor(2.5, (25, 9))
SHAPES = Tensor(2.25, (15, 7))  # of the quartered picture


class Stroke(NamedTuple):
    """The length of a stroke, px."""

    reach: float  # half of it
    spacing: float  # between samples along it


def stroke_directions(photographs: Any) -> tuple[Any, Any]:
    """The directions of strokes, `(N, H, W)` each: their cosine and sine, x to the right, y down.

    Args:
        photographs: `(N, H, W, 3)` in [-1, 1], sides multiples of 4 and at least 64 px.
    """
    shapes = enlarged(doubled_directions(quartered(photographs), SHAPES))
    doubled = doubled_directions(photographs, EDGES) + SHAPES_STRENGTH * shapes
    angles = 0.5 * ops.arctan2(
        doubled[..., 1] + SLANT_STRENGTH * math.sin(2 * SLANT),
        doubled[..., 0] + SLANT_STRENGTH * math.cos(2 * SLANT),
    )
    return ops.cos(angles), ops.sin(angles)


def doubled_directions(pictures: Any, tensor: Tensor) -> Any:
    """Cosine and sine `(N, H, W, 2)` of twice the angle of edges, by their strength.

    Of twice the angle, since a direction and its opposite are one.
    """
    blurred = framed(gaussian(pictures, tensor.blur), 1)
    across = (blurred[:, 1:-1, 2:] - blurred[:, 1:-1, :-2]) / 2
    down = (blurred[:, 2:, 1:-1] - blurred[:, :-2, 1:-1]) / 2
    doubled = ops.stack(
        [
            ops.sum(ops.square(down) - ops.square(across), axis=-1),
            ops.sum(-2 * across * down, axis=-1),
        ],
        axis=-1,
    )
    for side in tensor.neighborhoods:
        doubled = local_mean(doubled, side)
    return doubled


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
