"""Photographs as if laid down in strokes: what the warm start aims at.

A generator that is to learn strokes from a discriminator alone needs many thousand steps. Here it
is shown them: patches of color with sharp edges (`abstraction`) that vary as in paintings
(`surface_colors`), smoothed along the edges that are near (`stroke_directions`), with dark
contours, and over them streaks of three widths that follow the same directions. How strong the
streaks of each width are, on darks, middles and lights, and which colors go with which, is measured
on the artist's paintings (`Palette`). Where little happens they are weaker, as in painted skies.
Here broad streaks prevail, there fine ones (`stroke_groups`).

Streaks are what the photograph has of that width, smeared along the directions and brought to one
strength everywhere (line integral convolution, Cabral and Leedom 1993, here along straight
strokes). So all of it is a function of the photograph, which a network can learn; of strokes that
are placed by chance it would learn the mean, a blur. In a flat sky there is nothing to smear:
`--grain` adds something.

Neither the paper nor the release has it. `keras.ops` alone: the same for every training loop.
"""

from typing import Any, NamedTuple

from keras import ops

from adaptive_style_tf.training.abstraction import (
    Neighborhoods,
    abstracted,
    means_of_the_most_even,
)
from adaptive_style_tf.training.local_means import gaussian, local_mean
from adaptive_style_tf.training.palette import (
    AXES,
    Palette,
    constant,
    in_palette,
    square_root,
    strength_at,
)
from adaptive_style_tf.training.smearing import Stroke, smeared
from adaptive_style_tf.training.stroke_directions import stroke_directions
from adaptive_style_tf.training.stroke_groups import groups
from adaptive_style_tf.training.surface_colors import varied

SATURATION = 1.3  # of the colors of surfaces, beside the palette's
DETAIL = 0.15  # standard deviation near a pixel at which streaks are half as strong
DETAIL_SIDE = 9  # px, of the square in which that is taken
AROUND_BRIGHTNESS = 8.0  # px, blur of the brightness by which streaks are strong or weak
SIDES = Neighborhoods(4.0, 7.0)  # whose mean is taken from seeds: on an edge that of its own side
USUAL_SEED = 5 / 127.5  # of seeds in flat parts; edges count for no more
SEED_SIDE = 33  # px, of the squares in which seeds have one strength
COLOR_SIDE = 49  # px, of the squares in which streaks have one strength
FULLNESS = 2.0  # of strokes: from 1, waves, to 3, patches of one color
LEAST_VARIANCE = 1e-5  # of what becomes streaks: half a level
LINE, AROUND = 1.7, 4.5  # px, blurs of a dark line and of what lies around it
DARKER, STEEP = 0.06, 7.0  # how much darker a contour has to be, and how fast it sets in
DARK = (-0.72, -0.68, -0.52)  # color of contours
CONTOUR = 0.7  # how much of it, at most


class Streaks(NamedTuple):
    """Streaks of one width."""

    stroke: Stroke
    width: float  # px, standard deviation across
    widest: int  # px, side of the squares whose mean is taken away
    strength: float  # of what is measured on paintings
    gives_way: float  # share that gives way to detail; of the fine ones some may lie over it
    group: float  # from 1, of the groups of broad strokes, to -1, of those of fine ones


STREAKS = (
    Streaks(Stroke(4.5, 0.8), 1.0, 9, 0.33, 0.5, -1.0),
    Streaks(Stroke(8.0, 1.6), 2.2, 17, 0.36, 0.8, -0.3),
    Streaks(Stroke(13.0, 2.4), 4.5, 33, 0.5, 0.9, 1.0),
)
GROUPS_DIFFER = 0.7  # share of the variance of streaks that goes from one group to another
EVEN_BLUR, EVEN_SIDE = 3.0, 33  # px: between them lies what tells an even part from a lively one
EVEN = 0.08  # standard deviation in such squares at which a part is half even
EVEN_STRENGTH = 0.6  # of streaks there; in the most even fifth of paintings 0.34 to 0.48
FINE, CRISPNESS = 1.0, 0.9  # px, of a blur, and share of what it takes that is added
EDGE_STROKE = Stroke(5.0, 1.5)  # along which surfaces and contours are smeared


def painted(photographs: Any, palette: Palette) -> Any:
    """Photographs in strokes, in the palette.

    Args:
        photographs: `(N, H, W, 3)`, float32 in [-1, 1], sides known, multiples of 4 and at least
            64 px.

    Returns:
        The same shape and range; no gradient flows through.
    """
    photographs = ops.convert_to_tensor(photographs)
    directions = stroke_directions(photographs)
    surfaces = varied(in_palette(abstracted(photographs), palette, SATURATION), palette)
    surfaces = smeared(surfaces, directions, EDGE_STROKE)
    strength = usual_strength(surfaces, photographs, palette)
    result = with_streaks(surfaces, photographs, directions, palette, strength)
    contours = smeared(dark_lines(photographs), directions, EDGE_STROKE) * CONTOUR
    result = result * (1 - contours) + contours * constant(DARK)
    result = crisp(means_of_the_most_even(result))  # a stroke is of one color and ends sharply
    return ops.stop_gradient(ops.clip(result, -1.0, 1.0))


def usual_strength(surfaces: Any, photographs: Any, palette: Palette) -> Any:
    """Of streaks, `(N, H, W, 1)`: weaker on darks and lights, and where little happens."""
    brightness = gaussian(gray_of(surfaces), AROUND_BRIGHTNESS)
    gray = gaussian(gray_of(photographs), EVEN_BLUR)
    even = 1 / (1 + local_variance(gray, EVEN_SIDE) / EVEN**2)
    return strength_at(brightness, palette) * (1 - (1 - EVEN_STRENGTH) * even)


def with_streaks(
    surfaces: Any, photographs: Any, directions: Any, palette: Palette, usual: Any
) -> Any:
    """Surfaces with what the photographs have of each width over them, smeared."""
    detail = local_variance(gray_of(surfaces), DETAIL_SIDE)
    calm = 1 / (1 + detail / DETAIL**2)
    broad = groups(photographs[..., :1] - photographs[..., 2:])  # by red against blue
    seeds = limited(photographs - means_of_the_most_even(photographs, SIDES), USUAL_SEED)
    seeds = of_one_strength(seeds, SEED_SIDE)
    for kind, colors in zip(STREAKS, palette.strokes, strict=True):
        streaks = smeared(gaussian(seeds, kind.width), directions, kind.stroke)
        streaks = streaks - local_mean(streaks, kind.widest)
        strength = kind.strength * (1 - kind.gives_way + kind.gives_way * calm) * usual
        strength = strength * ops.sqrt(1 + GROUPS_DIFFER * kind.group * broad)
        surfaces = surfaces + strength * colored(streaks, colors)
    return surfaces


def colored(streaks: Any, colors: Any) -> Any:
    """Streaks `(N, H, W, 3)` of one strength, in the colors that go together in paintings.

    Args:
        colors: the covariance `(3, 3)` of streaks in paintings.
    """
    gray = gray_of(streaks)
    chroma = ops.matmul(streaks - gray, constant(AXES[1:].T))
    # Of photographs gray is the strongest by far: both to one strength, and no peaks.
    parts = [of_one_strength(gray, COLOR_SIDE), of_one_strength(chroma, COLOR_SIDE)]
    even = ops.tanh(FULLNESS * ops.concatenate(parts, axis=-1))
    even = even * ops.rsqrt(ops.mean(ops.square(even), axis=(1, 2), keepdims=True) + 1e-2)
    return ops.matmul(even, constant(AXES @ square_root(colors)))


def crisp(pictures: Any) -> Any:
    """Pictures `(N, H, W, 3)` with more of what is fine in their brightness (unsharp masking)."""
    gray = gray_of(pictures)
    return pictures + CRISPNESS * (gray - gaussian(gray, FINE))


def dark_lines(photographs: Any) -> Any:
    """Where the photograph is darker than what lies around, `(N, H, W, 1)` in [0, 1]."""
    gray = gray_of(photographs)
    darker = gaussian(gray, AROUND) - gaussian(gray, LINE)
    return ops.clip(STEEP * (darker - DARKER), 0.0, 1.0)


def limited(values: Any, usual: float) -> Any:
    """Values in (-1, 1), of which those far above what is usual are alike."""
    return values * ops.rsqrt(ops.square(values) + usual**2)


def of_one_strength(values: Any, side: int) -> Any:
    """Values divided by their root mean square in the square around each pixel."""
    squares = ops.mean(ops.square(values), axis=-1, keepdims=True)
    return values * ops.rsqrt(local_mean(squares, side) + LEAST_VARIANCE)


def local_variance(gray: Any, side: int) -> Any:
    """The variance of values `(N, H, W, 1)` in the square around each pixel."""
    variance = local_mean(ops.square(gray), side) - ops.square(local_mean(gray, side))
    return ops.maximum(variance, 0.0)


def gray_of(pictures: Any) -> Any:
    """The mean of the channels, `(N, H, W, 1)`."""
    return ops.mean(pictures, axis=-1, keepdims=True)
