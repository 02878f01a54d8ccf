"""Grain, as of film: faint noise which a network can turn into strokes.

A generator is a function of the photograph alone. In a flat sky its features are the same
everywhere, and all that its decoder can draw there is a pattern that repeats with its grid of
16 px. Grain tells one place from another (Ulyanov et al. 2016, "Texture Networks", arXiv
1603.03417, feed noise for that reason). Neither the paper nor the release has it.

Four fifths of it are as wide as what strokes are made of. The rest is broader: of it are patches in
which strokes have direction, width and color in common.

It is one field without end, always the same, so that a picture is always stylized alike.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tile(NamedTuple):
    """A square of noise that is laid side by side without end."""

    period: int  # px, its side
    blur: float  # px, standard deviation of the filter that white noise runs through
    strength: float  # standard deviation


FINE, BROAD = 1.6, 14.0  # px, blurs
# Their sum repeats after the product of their periods, and has deviation 1.
TILES = (
    Tile(251, FINE, math.sqrt(0.4)),
    Tile(256, FINE, math.sqrt(0.4)),
    Tile(331, BROAD, math.sqrt(0.1)),
    Tile(449, BROAD, math.sqrt(0.1)),
)
REPEATS = math.prod(tile.period for tile in TILES)  # px
_SEED = 2018


def grain(height: int, width: int, down: int = 0, right: int = 0) -> NDArray[np.float32]:
    """A part of the field.

    Args:
        height, width: of the part, px.
        down, right: where it begins, px, 0 or more.

    Returns:
        [height, width, 3]; mean 0 and standard deviation 1 over large parts, channels independent.
    """
    rows, columns = down + np.arange(height), right + np.arange(width)
    field = np.zeros((height, width, 3), np.float32)
    for tile in TILES:
        field += noise(tile)[np.ix_(rows % tile.period, columns % tile.period)]
    return field


@cache
def noise(tile: Tile) -> NDArray[np.float32]:
    """What is on a tile, [period, period, 3], which goes on at its opposite border."""
    import scipy.ndimage

    # The bits of Philox are the same in every NumPy, its distributions need not be.
    philox = np.random.Philox(np.random.SeedSequence(_SEED, spawn_key=(tile.period,)))
    bits = philox.random_raw(3 * tile.period**2) >> np.uint64(11)
    white = bits.reshape(tile.period, tile.period, 3) * 2.0**-53
    blurred = scipy.ndimage.gaussian_filter(white, (tile.blur, tile.blur, 0), mode="wrap")
    centered = blurred - blurred.mean(axis=(0, 1))
    values = (centered * (tile.strength / centered.std(axis=(0, 1)))).astype(np.float32)
    values.setflags(write=False)
    return np.asarray(values)
