"""Pictures of any size within the graph: extended to what the network works on, and cut back.

The same as `inference.sizes` and NumPy's symmetric padding, in TensorFlow's standard operations.
"""

from typing import Any

import tensorflow as tf

from adaptive_style_tf.inference.sizes import MARGIN, SMALLEST_SIDE, STEP


def padded_side(side: tf.Tensor) -> tf.Tensor:
    """The smallest side the network works on that holds this one, in px, without the margins."""
    return tf.maximum((side + STEP - 1) // STEP * STEP, SMALLEST_SIDE)


def mirrored_positions(side: tf.Tensor) -> tf.Tensor:
    """Where each pixel of the extended side comes from: 1, 0, 0, 1, ... n - 1, n - 1, ... 0 ...

    `tf.pad` mirrors once at most; a single pixel has to fill a whole side.
    """
    position = tf.range(-MARGIN, padded_side(side) + MARGIN)
    # Mirrored here, since runtimes differ in the remainder of a negative number.
    turn = tf.maximum(position, -1 - position) % (2 * side)
    return tf.minimum(turn, 2 * side - 1 - turn)


def extended(pictures: tf.Tensor) -> tf.Tensor:
    """Pictures `(N, H, W, C)` extended by symmetric reflection, as `inference.sizes` says."""
    shape = tf.shape(pictures)
    rows = tf.gather(pictures, mirrored_positions(shape[1]), axis=1)
    return tf.gather(rows, mirrored_positions(shape[2]), axis=2)


def at_its_size(network: Any, pictures: tf.Tensor) -> tf.Tensor:
    """What the network makes of pictures `(N, H, W, 3)`, at their own size."""
    bottom, right = MARGIN + tf.shape(pictures)[1], MARGIN + tf.shape(pictures)[2]
    return network(extended(pictures))[:, MARGIN:bottom, MARGIN:right]
