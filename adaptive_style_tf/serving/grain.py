"""Grain within the graph: the field of `images.grain` in TensorFlow's standard operations."""

import math

import tensorflow as tf

from adaptive_style_tf.images.grain import PERIODS, tile


def with_grain(pictures: tf.Tensor, levels: float) -> tf.Tensor:
    """Pictures `(N, H, W, 3)` in [-1, 1] with grain of so many levels of 255, the same on all.

    Without grain the graph holds nothing of it.
    """
    if not levels:
        return pictures
    shape = tf.shape(pictures)
    rows, columns = tf.range(shape[1]), tf.range(shape[2])
    for period in PERIODS:
        # The strength is in the constant: no runtime shall multiply what never changes.
        part = tf.constant(tile(period) * (levels / 127.5 * math.sqrt(0.5)), tf.float32)
        part = tf.gather(tf.gather(part, rows % period), columns % period, axis=1)
        pictures = pictures + part
    return pictures
