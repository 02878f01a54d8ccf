"""Windows of paintings, from which each window of a photograph gets one that is like it.

Photographs and paintings differ in what they show: flat skies would be filled with the contrast of
foliage if their patches had to follow the paintings' mean. So each window is compared with one of
a painting that is about as bright, as colored and as rich in edges, each measured by the spread
of its own kind.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.training.palette import Palette, in_palette
from adaptive_style_tf.training.patches import (
    LEVELS,
    MARGIN,
    PATCH,
    StepLook,
    stride_of,
    windows_of,
)

FILTERS = 48  # at each level, new ones in each step
DIRECTIONS = 30  # main directions of the patches of paintings that filters are made of
# At the finest levels filters see grays alone: with colors, contours come out pink and green.
GRAY_LEVELS = 2
WHITENING = 0.5  # 1: all directions equally strong; 0: as strong as in the paintings
NEAREST = 4  # windows of paintings, one of which is taken
LOOKED_AT = 256  # windows of paintings, from which the directions are computed
PATCHES = 60_000  # of these windows, at each level
# Photographs have flat skies and walls; nothing that is painted is as flat.
BUSIER = 0.5  # standard deviations by which the windows looked for have more edges
LEAST_EDGE = 0.01  # added to the mean difference of neighbors before its logarithm is taken
EDGES = slice(4, None)  # of the features, those that tell how rich in edges a window is
# Independent of the other random numbers of a step (NumPy's SeedSequence).
SPAWN_KEY = 3

Floats = npt.NDArray[np.float32]


class PaintedWindows:
    """What the steps of a training compare results with.

    Args:
        paintings: crops `(S, S, 3)` in [-1, 1], at least one.
        photographs: the same; by them the spread of photographs is measured.
        palette: in which photographs are compared with paintings.
        seed: of all that is random.
    """

    def __init__(
        self,
        paintings: Iterable[Floats],
        photographs: Iterable[Floats],
        palette: Palette,
        seed: int,
    ) -> None:
        self._palette = palette
        self._seed = seed
        # Levels: a quarter of the memory, and no less than a picture holds.
        self._levels = np.concatenate(
            [as_levels(as_windows(crop[np.newaxis])) for crop in paintings]
        )
        features = np.concatenate(
            [features_of(from_levels(one[np.newaxis])) for one in self._levels]
        )
        self._features = in_own_spread(features, features)
        self._photographs = np.concatenate(
            [features_of(self._windows_in_palette(crop[np.newaxis])) for crop in photographs]
        )
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(SPAWN_KEY,)))
        some = random.permutation(len(self._levels))[:LOOKED_AT]
        self._bases = bases_of(from_levels(self._levels[some]), random)

    def look(self, step: int, photographs: Any) -> StepLook:
        """What step `step` compares its results with; a resumed run gets the same.

        Args:
            photographs: `(N, S, S, 3)` in [-1, 1], on which it trains.
        """
        random = np.random.default_rng(
            np.random.SeedSequence(self._seed, spawn_key=(SPAWN_KEY, step))
        )
        windows = self._windows_in_palette(ops.convert_to_numpy(photographs))
        features = in_own_spread(features_of(windows), self._photographs)
        features[:, EDGES] += BUSIER
        apart = np.square(features[:, np.newaxis] - self._features).sum(axis=-1)
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
        taken = random.integers(nearest.shape[1], size=len(nearest))
        references = self._levels[nearest[np.arange(len(nearest)), taken]]
        strides = [stride_of(windows.shape[1] >> level) for level in range(LEVELS)]
        return StepLook(
            references=from_levels(references),
            filters=np.stack([drawn_filters(basis, random) for basis in self._bases]),
            offsets=random.integers(0, strides, size=(2, LEVELS)).T.astype(np.int32),
            shift=random.integers(MARGIN // 4, 3 * MARGIN // 4, size=2, endpoint=True).astype(
                np.int32
            ),
        )

    def _windows_in_palette(self, photographs: Floats) -> Floats:
        return as_windows(ops.convert_to_numpy(in_palette(photographs, self._palette)))


def as_windows(pictures: Floats) -> Floats:
    return np.asarray(ops.convert_to_numpy(windows_of(pictures)), np.float32)


def as_levels(pictures: Floats) -> npt.NDArray[np.uint8]:
    return np.asarray(np.rint((np.clip(pictures, -1, 1) + 1) * 127.5), np.uint8)


def from_levels(levels: npt.NDArray[np.uint8]) -> Floats:
    return levels.astype(np.float32) / np.float32(127.5) - 1


def features_of(windows: Floats) -> Floats:
    """What windows `(M, W, W, 3)` are compared by: `(M, 11)`.

    The mean gray, the mean distance of the three colors from it, and of the gray averaged over
    squares of 4, 8 and 16 px the logarithm of the mean difference of neighbors, up and down and
    side by side; last, that of the spread over squares of 4 px.
    """
    colors = averaged(averaged(windows))
    gray = colors.mean(axis=-1, keepdims=True)
    found = [gray.mean(axis=(1, 2)), (colors - gray).mean(axis=(1, 2))]
    averages = gray
    for _ in range(3):
        for axis in (1, 2):
            edges = np.abs(np.diff(averages, axis=axis)).mean(axis=(1, 2))
            found.append(np.log(edges + LEAST_EDGE))
        averages = averaged(averages)
    found.append(np.log(gray.std(axis=(1, 2)) + LEAST_EDGE))
    return np.concatenate(found, axis=1)


def averaged(pictures: Floats) -> Floats:
    """The means of squares of 2 x 2; a last row or column without a partner is left out."""
    count, height, width, channels = pictures.shape
    pictures = pictures[:, : height // 2 * 2, : width // 2 * 2]
    squares = pictures.reshape(count, height // 2, 2, width // 2, 2, channels)
    return np.asarray(squares.mean(axis=(2, 4)), np.float32)


def in_own_spread(features: Floats, kind: Floats) -> Floats:
    """Features in standard deviations from the mean of their own kind of picture."""
    centered = features - kind.mean(axis=0)
    return np.asarray(centered / (kind.std(axis=0) + 1e-6), np.float32)


def bases_of(windows: Floats, random: np.random.Generator) -> list[Floats]:
    """For each level the matrix `(147, DIRECTIONS)` by which filters are made of random numbers."""
    bases = []
    for level in range(LEVELS):
        if level < GRAY_LEVELS:
            of_grays = basis_of(drawn_patches(windows.mean(axis=-1, keepdims=True), random))
            bases.append(np.repeat(of_grays, 3, axis=0) / np.float32(3))
        else:
            bases.append(basis_of(drawn_patches(windows, random)))
        windows = averaged(windows)
    return bases


def drawn_patches(windows: Floats, random: np.random.Generator) -> Floats:
    """Patches `(PATCHES, 49 C)` from anywhere in windows `(M, H, W, C)`, channels innermost."""
    count, height, width, _ = windows.shape
    which = random.integers(count, size=PATCHES)
    rows = random.integers(height - PATCH, size=PATCHES, endpoint=True)
    columns = random.integers(width - PATCH, size=PATCHES, endpoint=True)
    views = np.lib.stride_tricks.sliding_window_view(windows, (PATCH, PATCH), axis=(1, 2))
    patches = np.moveaxis(views[which, rows, columns], 1, -1)
    return patches.reshape(PATCHES, -1)


def basis_of(patches: Floats) -> Floats:
    """Main directions, the weak ones strengthened; a filter's responses to them have variance 1.

    Without that filters see little but how bright a patch is, by which patches differ most.
    """
    variances, directions = np.linalg.eigh(np.cov(patches.T.astype(np.float64)))
    strongest = np.argsort(variances)[::-1][:DIRECTIONS]
    spreads = np.sqrt(np.maximum(variances[strongest], 1e-8))
    weights = spreads**-WHITENING
    weights /= np.sqrt(np.mean(np.square(weights * spreads)))
    return np.asarray(directions[:, strongest] * weights, np.float32)


def drawn_filters(basis: Floats, random: np.random.Generator) -> Floats:
    """Filters `(PATCH, PATCH, 3, FILTERS)` in random directions of the basis."""
    mixed = random.standard_normal((basis.shape[1], FILTERS)).astype(np.float32)
    mixed /= np.linalg.norm(mixed, axis=0)
    return np.asarray((basis @ mixed).reshape(PATCH, PATCH, 3, FILTERS), np.float32)
