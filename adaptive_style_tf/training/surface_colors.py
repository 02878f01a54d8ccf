"""Colors that vary within surfaces, as they do in paintings.

A gray wall in a photograph is gray all over. A painter's goes from ocher to blue, and is warm where
it is bright. So of what a photograph has of color in patches of some 25 to 55 px the faint is
strengthened, until it varies as much as in the artist's paintings (`Palette.surfaces`), and with
it goes what goes with brightness there. Where colors vary as much already they stay.

Neither the paper nor the release has it. `keras.ops` alone: the same for every training loop.
"""

from typing import Any

import numpy as np
from keras import ops

from adaptive_style_tf.training.local_means import enlarged, gaussian, quartered
from adaptive_style_tf.training.palette import AXES, SURFACE_WIDTHS, Palette, square_root

VARIATION = 0.7  # beside what is measured in paintings
WITH_BRIGHTNESS = 0.5  # share of the color that goes with brightness in paintings
LEAST_DEVIATION = 1 / 127.5  # of colors that are strengthened, values in [-1, 1]: a level


def varied(surfaces: Any, palette: Palette) -> Any:
    """Surfaces whose colors vary as in paintings; their grays stay.

    Args:
        surfaces: `(N, H, W, 3)` in [-1, 1], sides multiples of 4 and at least 64 px.

    Returns:
        The same shape, not clipped.
    """
    quarter = ops.matmul(quartered(surfaces), constant(AXES.T))
    change: Any = 0.0
    for (finer, coarser), covariance in zip(SURFACE_WIDTHS, palette.surfaces, strict=True):
        band = gaussian(quarter, finer) - gaussian(quarter, coarser)
        gray, chroma = band[..., :1], band[..., 1:]
        with_gray, rest = chroma_beside_gray(np.asarray(covariance))
        variances = gaussian(ops.square(chroma), coarser)
        even = chroma * ops.rsqrt(variances + LEAST_DEVIATION**2)
        wanted = ops.matmul(even, constant(square_root(rest)))
        wanted = wanted + WITH_BRIGHTNESS * gray * constant(with_gray)
        total = float(np.trace(rest))
        there = ops.sum(variances, axis=-1, keepdims=True)
        change = change + wanted * ops.sqrt(total / (there + total + 1e-9))
    return surfaces + VARIATION * enlarged(ops.matmul(change, constant(AXES[1:])))


def chroma_beside_gray(covariance: Any) -> tuple[Any, Any]:
    """How much chroma `(2,)` goes with gray, and the covariance `(2, 2)` of the rest.

    Both along the axes of `palette.AXES`.
    """
    turned = AXES @ covariance @ AXES.T
    with_gray = turned[1:, 0] / max(turned[0, 0], 1e-9)
    return with_gray, turned[1:, 1:] - np.outer(with_gray, turned[0, 1:])


def constant(values: Any) -> Any:
    return ops.convert_to_tensor(values, "float32")
