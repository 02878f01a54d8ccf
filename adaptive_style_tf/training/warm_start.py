"""What the generator learns before the adversarial phase: to give photographs back in strokes.

A generator with random weights answers every photograph with the same gray, from which the
discriminator learns nothing. Some cheap steps of reconstruction bring it to where content is there
and colors are near the paintings'. The method has no such phase; it is for trainings that are
short.

The target is the photograph laid down in strokes, see `brushwork`. Absolute brightness and color
cannot be given back: the encoder normalizes the picture first (REFERENCE 2). So the target has
mean and spread of the paintings' brightness and, at each gray, the color that is usual there.
"""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models import named_weights
from adaptive_style_tf.training.brushwork import painted
from adaptive_style_tf.training.objectives import Terms, prefixed
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.reconstruction import reconstruction_distance

WARM_START_CLIP_NORM = 1.0  # of the generator's gradient


def let_the_latent_through(generator: keras.Model) -> None:
    """Sets the last scale of each residual block to zero, so that the decoder starts without them.

    With random blocks nine tenths of what the decoder up-samples are noise at first. They join in
    as their scales are learned (Goyal et al. 2017, arXiv 1706.02677, section 5.1).
    """
    for name, weight in named_weights(generator).items():
        if name.startswith("decoder/residual_") and name.endswith("norm_2/scale"):
            weight.assign(ops.zeros(weight.shape))


def warm_start_objective(
    generator: keras.Model, photographs: Any, palette: Palette
) -> tuple[Any, Terms]:
    """The total that the generator minimizes in the warm start, and its terms.

    Args:
        photographs: `(N, S, S, 3)` in [-1, 1].
    """
    total, parts = reconstruction_distance(generator(photographs), painted(photographs, palette))
    return total, {"warm_start/total": total, **prefixed("warm_start", parts)}
