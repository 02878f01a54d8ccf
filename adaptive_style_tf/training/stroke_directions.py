"""Which way strokes run.

Along the edges nearby, by the smoothed tensor of their gradients, and along the larger shapes
around; where there is little of either, in groups that differ a little from one slant, as in
Cezanne's hatched skies and foliage.

`keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any, NamedTuple

from keras import ops

from adaptive_style_tf.training.local_means import (
    enlarged,
    framed,
    gaussian,
    local_mean,
    quartered,
)
from adaptive_style_tf.training.stroke_groups import groups

SLANT = math.radians(125)  # of strokes where nothing else decides: from lower left to upper right
SLANTS_DIFFER = math.radians(25)  # at most, from group to group
SLANT_STRENGTH = 9e-4  # beside squared differences of neighboring pixels, values in [-1, 1]
SHAPES_STRENGTH = 0.05  # of the larger shapes, whose differences are between quartered pixels


class Gradients(NamedTuple):
    """How they are taken, px."""

    blur: float  # before, standard deviation
    neighborhoods: tuple[int, int]  # sides of the squares in which they are averaged, one by one


EDGES = Gradients(2.5, (25, 9))
SHAPES = Gradients(2.25, (15, 7))  # of the quartered picture


def stroke_directions(photographs: Any) -> tuple[Any, Any]:
    """The directions of strokes, `(N, H, W)` each: their cosine and sine, x to the right, y down.

    Args:
        photographs: `(N, H, W, 3)` in [-1, 1], sides multiples of 4 and at least 64 px.
    """
    shapes = enlarged(doubled_directions(quartered(photographs), SHAPES))
    doubled = doubled_directions(photographs, EDGES) + SHAPES_STRENGTH * shapes
    gray = ops.mean(photographs, axis=-1, keepdims=True)
    slants = 2 * (SLANT + SLANTS_DIFFER * groups(gray)[..., 0])  # doubled as well
    angles = 0.5 * ops.arctan2(
        doubled[..., 1] + SLANT_STRENGTH * ops.sin(slants),
        doubled[..., 0] + SLANT_STRENGTH * ops.cos(slants),
    )
    return ops.cos(angles), ops.sin(angles)


def doubled_directions(pictures: Any, gradients: Gradients) -> Any:
    """Cosine and sine `(N, H, W, 2)` of twice the angle of edges, by their strength.

    Of twice the angle, since a direction and its opposite are one.
    """
    blurred = framed(gaussian(pictures, gradients.blur), 1)
    across = (blurred[:, 1:-1, 2:] - blurred[:, 1:-1, :-2]) / 2
    down = (blurred[:, 2:, 1:-1] - blurred[:, :-2, 1:-1]) / 2
    doubled = ops.stack(
        [
            ops.sum(ops.square(down) - ops.square(across), axis=-1),
            ops.sum(-2 * across * down, axis=-1),
        ],
        axis=-1,
    )
    for side in gradients.neighborhoods:
        doubled = local_mean(doubled, side)
    return doubled
