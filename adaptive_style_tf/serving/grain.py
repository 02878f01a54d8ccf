"""Grain within the graph: the field of `images.grain` in TensorFlow's standard operations."""

import tensorflow as tf

from adaptive_style_tf.images.grain import TILES, noise


def with_grain(pictures: tf.Tensor, levels: float) -> tf.Tensor:
    """Pictures `(N, H, W, 3)` in [-1, 1] with grain of so many levels of 255, the same on all.

    Without grain the graph holds nothing of it.
    """
    if not levels:
        return pictures
    shape = tf.shape(pictures)
    rows, columns = tf.range(shape[1]), tf.range(shape[2])
    for tile in TILES:
        # The strength is in the constant: no runtime shall multiply what never changes.
        part = tf.constant(noise(tile) * (levels / 127.5), tf.float32)
        part = tf.gather(tf.gather(part, rows % tile.period), columns % tile.period, axis=1)
        pictures = pictures + part
    return pictures
