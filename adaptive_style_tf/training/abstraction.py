"""Photographs with less in them: patches of one color with sharp edges.

A generator that is to give every pixel back has to be exact, and what a short training leaves of
that is blurred, with rings along edges. A photograph laid down in patches asks for less and has the
edges that paint has. This is the generalized Kuwahara filter: each pixel becomes the mean of those
of its neighborhoods that are the most even (Papari, Petkov and Campisi 2007, "Artistic Edge and
Corner Enhancing Smoothing"; here with Gaussian neighborhoods in eight directions). The method of
Sanakoyeu et al. has no such thing.

`keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any, NamedTuple

from keras import ops

from adaptive_style_tf.training.local_means import framed, gaussian


class Neighborhoods(NamedTuple):
    """Those of a pixel."""

    spread: float  # px, standard deviation of each
    distance: float  # px, of its middle from the pixel


PASSES = 2
PATCHES = Neighborhoods(1.2, 2.0)
DIRECTIONS = 8
SHARPNESS = 4  # power of the variance by which neighborhoods are weighed; Papari's q / 2
LEAST_VARIANCE = 1e-6  # of values in [-1, 1], summed over the colors: a tenth of a level


def abstracted(pictures: Any) -> Any:
    """Pictures as patches of color.

    Args:
        pictures: `(N, H, W, 3)`, float32 in [-1, 1], each side at least 8 px.

    Returns:
        The same shape and range; no gradient flows through.
    """
    pictures = ops.convert_to_tensor(pictures)
    for _ in range(PASSES):
        pictures = means_of_the_most_even(pictures)
    return ops.stop_gradient(pictures)


def means_of_the_most_even(values: Any, neighborhoods: Neighborhoods = PATCHES) -> Any:
    """Each pixel's weighted mean of the means of its neighborhoods, `(N, H, W, C)`."""
    spread, distance = neighborhoods
    height, width, channels = values.shape[1:]
    blurred = gaussian(ops.concatenate([values, ops.square(values)], axis=-1), spread)
    means, squares = blurred[..., :channels], blurred[..., channels:]
    variances = ops.sum(squares - ops.square(means), axis=-1, keepdims=True)
    weights = ops.power(LEAST_VARIANCE / ops.maximum(variances, LEAST_VARIANCE), SHARPNESS)
    frame = math.ceil(distance)
    weighted = framed(ops.concatenate([means * weights, weights], axis=-1), frame)
    total: Any = 0.0
    for number in range(DIRECTIONS):
        angle = 2 * math.pi * number / DIRECTIONS
        down = frame + round(distance * math.sin(angle))
        right = frame + round(distance * math.cos(angle))
        total = total + weighted[:, down : down + height, right : right + width]
    return total[..., :channels] / total[..., channels:]
