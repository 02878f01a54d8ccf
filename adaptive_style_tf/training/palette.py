"""The colors of an artist, as far as a short training takes them from the paintings at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.training.local_means import QUARTER, gaussian, quartered
from adaptive_style_tf.training.regression import Regression

# Streaks of paint are what lies between two blurs (standard deviations, px), from fine to broad.
STROKE_WIDTHS = ((0.7, 2.2), (1.5, 5.0), (3.0, 10.0))
# Colors vary within surfaces between two blurs (standard deviations, px of the quartered picture).
SURFACE_WIDTHS = ((6 / QUARTER, 20 / QUARTER), (12 / QUARTER, 40 / QUARTER))
MIDDLE_WIDTH = 1  # of STROKE_WIDTHS: by which the strengths at each gray are measured
STRONGEST, WEAKEST = 2.0, 0.3  # beside the usual strength: contours count no more, flat parts vary
RIDGE = 1e-4  # of the regression of colors on grays
WINDOW = 64  # px (for surfaces, of the quarter), side of the squares in which both are measured
MIDDLE = (0.35, 0.65)  # of the squares by strength: neither contours nor bare canvas

Color = tuple[float, float, float]
Covariance = tuple[Color, Color, Color]
Covariances = list[npt.NDArray[np.float64]]  # (3, 3) each
Widths = tuple[tuple[float, float], ...]
NONE: Covariance = ((0.0,) * 3,) * 3
# Of colors, one to a row and at right angles: gray, from green to red, from blue to yellow.
AXES = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])


@dataclass(frozen=True)
class Palette:
    """What is measured on crops of paintings, in values of [-1, 1].

    Attributes:
        mean, deviation: of each color channel.
        strokes: the covariance of the channels of streaks, for each of STROKE_WIDTHS.
        surfaces: the same of what varies within surfaces, for each of SURFACE_WIDTHS.
        strengths: of streaks by the gray g of where they are, beside their usual strength:
            a, b, c of a g^2 + b g + c. Darks and lights of paintings are calmer than what lies
            between.
        tones: the mean color at each gray g, along the second and the third of AXES, likewise.
    """

    mean: Color
    deviation: Color
    strokes: tuple[Covariance, Covariance, Covariance] = (NONE, NONE, NONE)
    surfaces: tuple[Covariance, Covariance] = (NONE, NONE)
    strengths: Color = (0.0, 0.0, 1.0)
    tones: tuple[Color, Color] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def measured_palette(paintings: Iterable[npt.NDArray[np.float32]]) -> Palette:
    """The palette of crops `(S, S, 3)`: means over all, deviations within a crop.

    Args:
        paintings: crops of one size, at least one; taken one by one.
    """
    moments, streaks, patches, grays = [], [], [], []
    colors = Regression(centered=False)
    for crop in paintings:
        few = ops.convert_to_numpy(quartered(crop[None])).reshape(-1, 3)
        colors.add(np.vander(few.mean(axis=-1), 3), few @ AXES[1:].T)
        moments.append(
            (crop.mean(axis=(0, 1), dtype=np.float64), crop.std(axis=(0, 1), dtype=np.float64))
        )
        streaks.append(covariances_between(crop[None], STROKE_WIDTHS))
        grays += [float(values.mean()) for values in squares(crop)]
        patches.append(covariances_between(quartered(crop[None]), SURFACE_WIDTHS))
    mean, deviation = np.mean(moments, axis=0)  # (3,) each
    return Palette(
        (*map(float, mean),),  # type: ignore[arg-type]
        (*map(float, deviation),),  # type: ignore[arg-type]
        usual_over_crops(streaks),  # type: ignore[arg-type]
        usual_over_crops(patches),  # type: ignore[arg-type]
        strengths_by_gray(grays, [*chain(*(widths[MIDDLE_WIDTH] for widths in streaks))]),
        tuple(tuple(map(float, axis)) for axis in colors.solved(RIDGE).T),  # type: ignore[arg-type]
    )


def covariances_between(crop: Any, widths: Widths) -> list[Covariances]:
    """The covariances of what lies between two blurs of a crop `(1, S, S, 3)`, for each pair."""
    return [
        covariances(ops.convert_to_numpy(gaussian(crop, finer) - gaussian(crop, coarser))[0])
        for finer, coarser in widths
    ]


def covariances(streaks: npt.NDArray[Any]) -> Covariances:
    """The covariance `(3, 3)` of what has no mean, for each square."""
    return [values.T @ values / len(values) for values in squares(streaks)]


def squares(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[np.float64]]:
    """The values `(H, W, 3)` of each square of WINDOW px, `(pixels, 3)`."""
    side = min(WINDOW, *values.shape[:2])
    rows, columns = values.shape[0] // side, values.shape[1] // side
    for row, column in product(range(rows), range(columns)):
        square = values[row * side : (row + 1) * side, column * side : (column + 1) * side]
        yield square.reshape(-1, 3).astype(np.float64)


def strengths_by_gray(grays: list[float], found: Covariances) -> Color:
    """The parabola nearest to the strengths of streaks, beside their median, in squares of a gray.

    Args:
        grays: the means of the squares, in [-1, 1].
        found: the covariances of their streaks.
    """
    deviations = np.sqrt([np.trace(covariance) for covariance in found])
    beside = np.minimum(deviations / max(float(np.median(deviations)), 1e-9), STRONGEST)
    # Not polyfit, which warns of too few squares: of those the smallest coefficients will do.
    a, b, c = np.linalg.lstsq(np.vander(grays, 3), beside, rcond=None)[0]
    return float(a), float(b), float(c)


def usual_over_crops(crops: list[list[Covariances]]) -> tuple[Covariance, ...]:
    """For each pair of blurs what is usual in all crops together."""
    return tuple(usual([*chain(*found)]) for found in zip(*crops, strict=True))


def usual(found: Covariances) -> Covariance:
    """The mean of those covariances that are neither among the weak nor the strong ones."""
    by_strength = sorted(found, key=np.trace)
    first, last = (int(share * (len(found) - 1)) for share in MIDDLE)
    return tuple(  # type: ignore[return-value]
        tuple(map(float, row)) for row in np.mean(by_strength[first : last + 1], axis=0)
    )


def square_root(covariance: Any) -> npt.NDArray[np.float64]:
    """The symmetric matrix that gives values without covariance this one."""
    strengths, vectors = np.linalg.eigh(np.asarray(covariance))
    root: npt.NDArray[np.float64] = (vectors * np.sqrt(np.maximum(strengths, 0))) @ vectors.T
    return root


def strength_at(gray: Any, palette: Palette) -> Any:
    """How strong streaks are where it is so bright, beside their usual strength.

    Args:
        gray: of any shape, in [-1, 1].
    """
    a, b, c = palette.strengths
    return ops.clip(a * ops.square(gray) + b * gray + c, WEAKEST, STRONGEST)


def in_palette(pictures: Any, palette: Palette, saturation: float = 1.0) -> Any:
    """The pictures in the palette's colors, clipped to [-1, 1].

    Gray gets the palette's mean and deviation, and each gray its tone. (With the mean and deviation
    of each channel a gray picture would have the colors of a line, as blue in the darks as it is
    yellow in the lights.) How far a color lies from its tone is what it lies beside gray in the
    picture, by the deviations of the channels.

    Args:
        pictures: `(N, H, W, 3)`.
        saturation: by which the distance of each color from its tone is multiplied.
    """
    mean, variance = ops.moments(pictures, axes=(1, 2), keepdims=True)
    spread = (pictures - mean) * ops.rsqrt(variance + 1e-5) * constant(palette.deviation)
    brighter = ops.mean(spread, axis=-1, keepdims=True)
    shares = np.asarray(palette.deviation) / max(float(np.mean(palette.deviation)), 1e-6)
    beside = spread - brighter * constant(shares)  # without what a gray picture has of colors
    gray = brighter + float(np.mean(palette.mean))
    powers = ops.concatenate([ops.square(gray), gray, ops.ones_like(gray)], axis=-1)
    tones = ops.matmul(powers, constant(np.transpose(palette.tones) @ AXES[1:]))
    return ops.clip(gray + tones + saturation * beside, -1.0, 1.0)


def constant(values: Any) -> Any:
    return ops.convert_to_tensor(values, "float32")
