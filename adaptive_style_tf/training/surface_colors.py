"""Colors and brightness that vary within surfaces, as they do in paintings.

A gray wall in a photograph is gray all over. A painter's goes from ocher to blue, patch by patch,
and is warm where it is bright. So of what a photograph has in patches of some 25 to 55 px the faint
is strengthened, until it varies as much as in the artist's paintings (`Palette.surfaces`), and with
it goes the color that goes with brightness there. Patches have one color each and end sharply.
Where a photograph varies as much already it stays.

Neither the paper nor the release has it. `keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.training.abstraction import means_of_the_most_even
from adaptive_style_tf.training.local_means import enlarged, gaussian, quartered
from adaptive_style_tf.training.palette import (
    AXES,
    SURFACE_WIDTHS,
    Palette,
    constant,
    square_root,
    strength_at,
)

VARIATION = 0.6  # of what is measured in each band: they overlap
BRIGHTNESS = 0.7  # of it, beside colors
WITH_BRIGHTNESS = 0.5  # share of the color that goes with brightness in paintings
LEAST_DEVIATION = 1 / 127.5  # of what is strengthened, values in [-1, 1]: a level
FLATTENINGS = 2  # passes by which patches get one color each
SURROUNDINGS = 3.0  # px of the quarter, of which the brightness is taken


def varied(surfaces: Any, palette: Palette) -> Any:
    """Surfaces that vary as in paintings.

    Args:
        surfaces: `(N, H, W, 3)` in [-1, 1], sides multiples of 4 and at least 64 px.

    Returns:
        The same shape, not clipped.
    """
    quarter = ops.matmul(quartered(surfaces), constant(AXES.T))
    change: Any = 0.0
    for widths, covariance in zip(SURFACE_WIDTHS, palette.surfaces, strict=True):
        change = change + change_between(quarter, widths, np.asarray(covariance))
    for _ in range(FLATTENINGS):
        change = means_of_the_most_even(change)
    gray = gaussian(quarter[..., :1], SURROUNDINGS) / math.sqrt(3)
    change = change * strength_at(gray, palette)
    return surfaces + VARIATION * enlarged(ops.matmul(change, constant(AXES)))


def change_between(
    quarter: Any, widths: tuple[float, float], covariance: npt.NDArray[np.float64]
) -> Any:
    """What is added between two blurs.

    Args:
        quarter: `(N, H, W, 3)` along the axes of `palette.AXES`.
        widths: of the blurs, px of the quarter.
        covariance: of what varies there in paintings, `(3, 3)`.

    Returns:
        The same shape, along the same axes.
    """
    finer, coarser = widths
    band = gaussian(quarter, finer) - gaussian(quarter, coarser)
    gray, chroma = band[..., :1], band[..., 1:]
    gray_variance, with_gray, rest = gray_and_beside_it(covariance)
    grays = gaussian(ops.square(gray), coarser)
    chromas = gaussian(ops.square(chroma), coarser)
    brighter = BRIGHTNESS * math.sqrt(gray_variance) * evened(gray, grays)
    brighter = brighter * share_missing(grays, gray_variance)
    colors = ops.matmul(evened(chroma, chromas), constant(square_root(rest)))
    colors = colors + WITH_BRIGHTNESS * (gray + brighter) * constant(with_gray)
    there = ops.sum(chromas, axis=-1, keepdims=True)
    colors = colors * share_missing(there, float(np.trace(rest)))
    return ops.concatenate([brighter, colors], axis=-1)


def evened(values: Any, variances: Any) -> Any:
    """Values brought to one strength, but for what is hardly there."""
    return values * ops.rsqrt(variances + LEAST_DEVIATION**2)


def share_missing(variances: Any, wanted: float) -> Any:
    """From 1, where there is nothing yet, to 0, where there is much more than wanted."""
    return ops.sqrt(wanted / (variances + wanted + 1e-9))


def gray_and_beside_it(covariance: npt.NDArray[np.float64]) -> tuple[float, Any, Any]:
    """The variance of gray, how much chroma `(2,)` goes with it, and the rest's `(2, 2)`.

    All along the axes of `palette.AXES`.
    """
    turned = AXES @ covariance @ AXES.T
    with_gray = turned[1:, 0] / max(turned[0, 0], 1e-9)
    return float(turned[0, 0]), with_gray, turned[1:, 1:] - np.outer(with_gray, turned[0, 1:])
