"""Grain, as of film: faint noise of a few pixels' width, which a network can turn into strokes.

A generator is a function of the photograph alone. In a flat sky its features are the same
everywhere, and all that its decoder can draw there is a pattern that repeats with its grid of
16 px. Grain tells one place from another (Ulyanov et al. 2016, "Texture Networks", arXiv
1603.03417, feed noise for that reason). Neither the paper nor the release has it.

It is one field without end, always the same, so that a picture is always stylized alike.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Sides of the two tiles that are added up, px: the sum repeats after 64,256 px in each direction.
PERIODS = (251, 256)
BLUR = 1.6  # px, standard deviation of the filter that white noise runs through
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
    parts = [tile(period)[np.ix_(rows % period, columns % period)] for period in PERIODS]
    return np.asarray((parts[0] + parts[1]) * np.float32(np.sqrt(0.5)))


@cache
def tile(period: int) -> NDArray[np.float32]:
    """A square of noise [period, period, 3] that goes on at its opposite border."""
    import scipy.ndimage

    # The bits of Philox are the same in every NumPy, its distributions need not be.
    philox = np.random.Philox(np.random.SeedSequence(_SEED, spawn_key=(period,)))
    white = (philox.random_raw(3 * period**2) >> np.uint64(11)).reshape(
        period, period, 3
    ) * 2.0**-53
    blurred = scipy.ndimage.gaussian_filter(white, (BLUR, BLUR, 0), mode="wrap")
    centered = blurred - blurred.mean(axis=(0, 1))
    values: NDArray[np.float32] = (centered / centered.std(axis=(0, 1))).astype(np.float32)
    values.setflags(write=False)
    return values
