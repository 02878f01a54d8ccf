"""Photographs as if laid down in strokes: what the warm start aims at.

A generator that is to learn strokes from a discriminator alone needs many thousand steps. Here it
is shown them: patches of color with sharp edges (`abstraction`), smoothed along the edges that are
near, with dark contours, and over them streaks of three widths that follow the same directions. How
strong the streaks of each width are, and which colors go with which, is measured on the artist's
paintings (`Palette`).

Streaks are what the photograph has of that width, smeared along the directions and brought to one
strength everywhere (line integral convolution, Cabral and Leedom 1993, here along straight
strokes). So all of it is a function of the photograph, which a network can learn; of strokes that
are placed by chance it would learn the mean, a blur. In a flat sky there is nothing to smear:
`--grain` adds something.

Neither the paper nor the release has it. `keras.ops` alone: the same for every training loop.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from adaptive_style_tf.training.abstraction import abstracted, framed, gaussian
from adaptive_style_tf.training.palette import Palette, in_palette

SLANT = math.radians(125)  # of strokes where nothing else decides: from lower left to upper right
SLANT_STRENGTH = 3e-4  # beside squared differences of neighboring pixels, values in [-1, 1]
FINEST_EDGE = 2.5  # px, blur before directions are taken
NEIGHBORHOOD = 25  # px, side of the squares in which they are averaged
SATURATION = 1.15  # of the colors of surfaces, beside the palette's
DETAIL = 0.15  # standard deviation near a pixel at which streaks are half as strong
DETAIL_SIDE = 13  # px, of the square in which that is taken
WIDEST_SEED, SEED_SIDE = 21, 33  # px: squares whose mean is taken away, and of one strength
COLOR_SIDE = 49  # px, of the squares in which streaks have one strength
LEAST_VARIANCE = 1e-5  # of what becomes streaks: half a level
LINE, AROUND = 1.7, 4.5  # px, blurs of a dark line and of what lies around it
DARKER, STEEP = 0.06, 7.0  # how much darker a contour has to be, and how fast it sets in
DARK = (-0.72, -0.68, -0.52)  # color of contours
CONTOUR = 0.7  # how much of it, at most


class Stroke(NamedTuple):
    """The length of a stroke, px."""

    reach: float  # half of it
    spacing: float  # between samples along it


class Streaks(NamedTuple):
    """Streaks of one width."""

    stroke: Stroke
    width: float  # px, standard deviation across
    widest: int  # px, side of the squares whose mean is taken away
    strength: float  # of what is measured on paintings
    gives_way: float  # share that gives way to detail; of the fine ones some may lie over it


STREAKS = (
    Streaks(Stroke(8.0, 1.0), 1.0, 9, 0.6, 0.6),
    Streaks(Stroke(13.0, 2.0), 2.2, 17, 0.8, 1.0),
    Streaks(Stroke(20.0, 3.0), 4.5, 33, 0.9, 1.0),
)
EDGE_STROKE = Stroke(5.0, 1.5)  # along which surfaces and contours are smeared


def painted(photographs: Any, palette: Palette) -> Any:
    """Photographs in strokes, in the palette.

    Args:
        photographs: `(N, H, W, 3)`, float32 in [-1, 1], sides known and at least 64 px.

    Returns:
        The same shape and range; no gradient flows through.
    """
    photographs = ops.convert_to_tensor(photographs)
    directions = stroke_directions(photographs)
    surfaces = in_palette(abstracted(photographs), palette, SATURATION)
    surfaces = smeared(surfaces, directions, EDGE_STROKE)
    calm = 1 / (1 + ops.square(local_deviation(surfaces) / DETAIL))
    result = surfaces
    seeds = of_one_strength(photographs - local_mean(photographs, WIDEST_SEED), SEED_SIDE)
    for kind, colors in zip(STREAKS, palette.strokes, strict=True):
        streaks = smeared(gaussian(seeds, kind.width), directions, kind.stroke)
        streaks = streaks - local_mean(streaks, kind.widest)
        strength = kind.strength * (1 - kind.gives_way + kind.gives_way * calm)
        result = result + strength * colored(streaks, colors)
    contours = smeared(dark_lines(photographs), directions, EDGE_STROKE) * CONTOUR
    result = result * (1 - contours) + contours * ops.convert_to_tensor(DARK, "float32")
    return ops.stop_gradient(ops.clip(result, -1.0, 1.0))


def stroke_directions(photographs: Any) -> tuple[Any, Any]:
    """The directions of strokes, `(N, H, W)` each: their cosine and sine, x to the right, y down.

    Along edges, by the smoothed tensor of their gradients; SLANT where there are none.
    """
    blurred = framed(gaussian(photographs, FINEST_EDGE), 1)
    across = (blurred[:, 1:-1, 2:] - blurred[:, 1:-1, :-2]) / 2
    down = (blurred[:, 2:, 1:-1] - blurred[:, :-2, 1:-1]) / 2
    # Twice the angle: a direction and its opposite are one.
    doubled = ops.stack(
        [
            ops.sum(ops.square(down) - ops.square(across), axis=-1),
            ops.sum(-2 * across * down, axis=-1),
        ],
        axis=-1,
    )
    doubled = local_mean(local_mean(doubled, NEIGHBORHOOD), 9)
    angles = 0.5 * ops.arctan2(
        doubled[..., 1] + SLANT_STRENGTH * math.sin(2 * SLANT),
        doubled[..., 0] + SLANT_STRENGTH * math.cos(2 * SLANT),
    )
    return ops.cos(angles), ops.sin(angles)


def smeared(values: Any, directions: tuple[Any, Any], stroke: Stroke) -> Any:
    """The mean of values `(N, H, W, C)` along a straight stroke through each pixel."""
    count, height, width, channels = values.shape
    flat = ops.reshape(values, (count * height * width, channels))
    rows = ops.arange(height, dtype="float32")[None, :, None]
    columns = ops.arange(width, dtype="float32")[None, None, :]
    first = ops.arange(count, dtype="int32")[:, None, None] * (height * width)
    samples = round(1.3 * stroke.reach / stroke.spacing)
    total, weight = 0.0, 0.0
    for number in range(-samples, samples + 1):
        distance = number * stroke.spacing
        share = math.exp(-((distance / stroke.reach) ** 4))
        row = nearest(rows + distance * directions[1], height)
        column = nearest(columns + distance * directions[0], width)
        total = total + share * ops.take(flat, first + row * width + column, axis=0)
        weight += share
    return total / weight


def nearest(positions: Any, side: int) -> Any:
    """The pixel at each position along a side, mirrored where it lies beyond."""
    positions = ops.abs(positions)
    positions = (side - 1) - ops.abs((side - 1) - positions)
    return ops.cast(ops.round(positions), "int32")


def colored(streaks: Any, colors: Any) -> Any:
    """Streaks `(N, H, W, 3)` of one strength, in the colors that go together in paintings.

    Args:
        colors: the covariance `(3, 3)` of streaks in paintings.
    """
    gray = ops.mean(streaks, axis=-1, keepdims=True)
    axes = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])  # of chroma
    chroma = ops.matmul(streaks - gray, ops.convert_to_tensor(axes.T, "float32"))
    # Of photographs gray is the strongest by far: both to one strength, and no peaks.
    parts = [of_one_strength(gray, COLOR_SIDE), of_one_strength(chroma, COLOR_SIDE)]
    even = ops.tanh(1.2 * ops.concatenate(parts, axis=-1))
    even = even * ops.rsqrt(ops.mean(ops.square(even), axis=(1, 2), keepdims=True) + 1e-2)
    basis = np.vstack([np.full((1, 3), 1 / np.sqrt(3)), axes])
    strengths, vectors = np.linalg.eigh(np.asarray(colors))
    root = (vectors * np.sqrt(np.maximum(strengths, 0))) @ vectors.T
    return ops.matmul(even, ops.convert_to_tensor(basis @ root, "float32"))


def dark_lines(photographs: Any) -> Any:
    """Where the photograph is darker than what lies around, `(N, H, W, 1)` in [0, 1]."""
    gray = ops.mean(photographs, axis=-1, keepdims=True)
    darker = gaussian(gray, AROUND) - gaussian(gray, LINE)
    return ops.clip(STEEP * (darker - DARKER), 0.0, 1.0)


def of_one_strength(values: Any, side: int) -> Any:
    """Values divided by their root mean square in the square around each pixel."""
    squares = ops.mean(ops.square(values), axis=-1, keepdims=True)
    return values * ops.rsqrt(local_mean(squares, side) + LEAST_VARIANCE)


def local_deviation(pictures: Any) -> Any:
    """The standard deviation of gray in the square of DETAIL_SIDE around each pixel."""
    gray = ops.mean(pictures, axis=-1, keepdims=True)
    squares = local_mean(ops.square(gray), DETAIL_SIDE)
    variance = squares - ops.square(local_mean(gray, DETAIL_SIDE))
    return ops.sqrt(ops.maximum(variance, 0.0))


def local_mean(values: Any, side: int) -> Any:
    """The mean of the square around each pixel, with reflection beyond the picture.

    Args:
        values: `(N, H, W, C)`, both sides larger than half of `side`.
        side: odd.
    """
    values = framed(values, side // 2)
    for window in ((side, 1), (1, side)):
        values = ops.average_pool(values, window, 1, "valid", data_format="channels_last")
    return values
