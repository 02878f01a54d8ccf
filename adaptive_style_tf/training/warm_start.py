"""What the generator learns before the adversarial phase: to give photographs back in strokes.

A generator with random weights answers every photograph with the same gray, from which the
discriminator learns nothing. Some cheap steps of reconstruction bring it to where content is there
and colors are near the paintings'. The method has no such phase; it is for trainings that are
short.

The target is the photograph laid down in strokes, see `brushwork`. Absolute brightness and color
cannot be given back: the encoder normalizes the picture first (REFERENCE 2). So the target has the
mean and spread of the paintings, per channel.
"""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models import named_weights
from adaptive_style_tf.training.brushwork import painted
from adaptive_style_tf.training.objectives import Terms
from adaptive_style_tf.training.palette import Palette

EDGE_WEIGHT = 1.5  # of differences between neighboring pixels
FINE_COLOR_WEIGHT = 2.0  # of chroma; without it results come out sepia
COARSE_COLOR_WEIGHT = 4.0  # of chroma averaged over COARSE x COARSE pixels
COARSE = 4  # px
WARM_START_CLIP_NORM = 1.0  # of the generator's gradient


def let_the_latent_through(generator: keras.Model) -> None:
    """Sets the last scale of each residual block to zero, so that the decoder starts without them.

    With random blocks nine tenths of what the decoder up-samples are noise at first. They join in
    as their scales are learned (Goyal et al. 2017, arXiv 1706.02677, section 5.1).
    """
    for name, weight in named_weights(generator).items():
        if name.startswith("decoder/residual_") and name.endswith("norm_2/scale"):
            weight.assign(ops.zeros(weight.shape))


def seen_in_warm_start(photographs: Any, side: int) -> Any:
    """The part of crops `(N, S, S, 3)` that the warm start sees; all of them if `side` is 0.

    A quarter of the pixels in each step, and as many more steps, teach more: strokes are small.
    """
    return photographs[:, :side, :side] if side else photographs


def warm_start_objective(
    generator: keras.Model, photographs: Any, palette: Palette
) -> tuple[Any, Terms]:
    """The total that the generator minimizes in the warm start, and its terms.

    Args:
        photographs: `(N, S, S, 3)` in [-1, 1].
    """
    target = painted(photographs, palette)
    result = generator(photographs)
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


def chroma_of(pictures: Any) -> Any:
    """The pictures without their grays."""
    return pictures - ops.mean(pictures, axis=-1, keepdims=True)


def mean_size(values: Any) -> Any:
    return ops.mean(ops.abs(values))
