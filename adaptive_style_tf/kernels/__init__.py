"""Layers that compute what `models` computes with kernels of one backend alone.

Importing this package imports no backend's library that Keras has not imported itself.
"""

import keras

from adaptive_style_tf.models import InstanceNormalization

__all__ = ["fastest_normalization"]


def fastest_normalization() -> type[InstanceNormalization]:
    """The class of normalizations to give to networks that this process trains.

    TensorFlow's fused kernel on processors. The plain layer under other backends, whose compilers
    fuse it themselves, and on accelerators, where nobody has compared the two.
    """
    if keras.config.backend() != "tensorflow":
        return InstanceNormalization
    import tensorflow as tf

    if tf.config.list_logical_devices("GPU"):
        return InstanceNormalization
    from adaptive_style_tf.kernels.fused_normalization import FusedInstanceNormalization

    return FusedInstanceNormalization
