"""What the generator learns before the adversarial phase: to give pictures back in patches.

A generator with random weights answers every photograph with the same gray, from which the
discriminator learns nothing. Some cheap steps of reconstruction bring it to where content is there
and colors are near the paintings'. The method has no such phase; it is for trainings that are
short.

The target is the picture in patches of color with sharp edges, see `abstraction`. Absolute
brightness and color cannot be given back: the encoder normalizes the picture first (REFERENCE 2).
So the target has the mean and spread of the paintings, per channel.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.models import named_weights
from adaptive_style_tf.training.abstraction import abstracted
from adaptive_style_tf.training.objectives import Terms

EDGE_WEIGHT = 1.0  # of differences between neighboring pixels
FINE_COLOR_WEIGHT = 2.0  # of chroma; without it results come out sepia
COARSE_COLOR_WEIGHT = 4.0  # of chroma averaged over COARSE x COARSE pixels
COARSE = 4  # px
WARM_START_CLIP_NORM = 1.0  # of the generator's gradient


@dataclass(frozen=True)
class Palette:
    """Mean and standard deviation of each color channel over paintings, in values of [-1, 1]."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


def let_the_latent_through(generator: keras.Model) -> None:
    """Sets the last scale of each residual block to zero, so that the decoder starts without them.

    With random blocks nine tenths of what the decoder up-samples are noise at first. They join in
    as their scales are learned (Goyal et al. 2017, arXiv 1706.02677, section 5.1).
    """
    for name, weight in named_weights(generator).items():
        if name.startswith("decoder/residual_") and name.endswith("norm_2/scale"):
            weight.assign(ops.zeros(weight.shape))


def measured_palette(paintings: Iterable[npt.NDArray[np.float32]]) -> Palette:
    """The palette of crops `(S, S, 3)`: means over all, deviations within a crop.

    Args:
        paintings: crops of one size, at least one; taken one by one.
    """
    moments = [
        (crop.mean(axis=(0, 1), dtype=np.float64), crop.std(axis=(0, 1), dtype=np.float64))
        for crop in paintings
    ]
    mean, deviation = np.mean(moments, axis=0)  # (3,) each
    return Palette((*map(float, mean),), (*map(float, deviation),))  # type: ignore[arg-type]


def warm_start_objective(
    generator: keras.Model, pictures: Any, palette: Palette
) -> tuple[Any, Terms]:
    """The total that the generator minimizes in the warm start, and its terms.

    Args:
        pictures: photographs or paintings, `(N, S, S, 3)` in [-1, 1].
    """
    target = in_palette(abstracted(pictures), palette)
    result = generator(pictures)
    error = result - target
    chroma = chroma_of(error)
    coarse = ops.average_pool(chroma, COARSE, COARSE, data_format="channels_last")
    terms = {
        "warm_start/pixels": mean_size(error),
        "warm_start/edges": mean_size(error[:, 1:] - error[:, :-1])
        + mean_size(error[:, :, 1:] - error[:, :, :-1]),
        "warm_start/fine_color": mean_size(chroma),
        "warm_start/coarse_color": mean_size(coarse),
    }
    total = (
        terms["warm_start/pixels"]
        + EDGE_WEIGHT * terms["warm_start/edges"]
        + FINE_COLOR_WEIGHT * terms["warm_start/fine_color"]
        + COARSE_COLOR_WEIGHT * terms["warm_start/coarse_color"]
    )
    return total, {"warm_start/total": total, **terms}


def in_palette(pictures: Any, palette: Palette) -> Any:
    """The pictures with the palette's mean and deviation in each channel, clipped to [-1, 1]."""
    mean, variance = ops.moments(pictures, axes=(1, 2), keepdims=True)
    normalized = (pictures - mean) * ops.rsqrt(variance + 1e-5)
    moved = normalized * ops.convert_to_tensor(palette.deviation, "float32")
    return ops.clip(moved + ops.convert_to_tensor(palette.mean, "float32"), -1.0, 1.0)


def chroma_of(pictures: Any) -> Any:
    """The pictures without their grays."""
    return pictures - ops.mean(pictures, axis=-1, keepdims=True)


def mean_size(values: Any) -> Any:
    return ops.mean(ops.abs(values))
