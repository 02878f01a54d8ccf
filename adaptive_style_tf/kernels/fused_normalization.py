"""Instance normalization by TensorFlow's fused batch normalization."""

from typing import Any

import keras
import tensorflow as tf

from adaptive_style_tf.models import InstanceNormalization
from adaptive_style_tf.models.layers import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class FusedInstanceNormalization(InstanceNormalization):
    """The same numbers as `InstanceNormalization`, in two passes over the features instead of five.

    The statistics of a batch of one picture are those of the picture, so each picture goes through
    batch normalization in training mode by itself. Statistics are float32 whatever the precision.

    Computed in the plain way: float64, which the kernel lacks, and batches of unknown size or of
    more than 12 pictures. `statistics` and `normalized` are called in the plain way alone: derive
    from `InstanceNormalization` to change them.
    """

    most_pictures_apart = 12

    def call(self, inputs: Any) -> Any:
        pictures = inputs.shape[0]
        together = pictures is None or pictures > self.most_pictures_apart
        if self.compute_dtype == "float64" or together:
            return super().call(inputs)
        inputs = tf.convert_to_tensor(inputs)
        if pictures == 1:
            return tf.cast(self.normalized_picture(inputs), self.compute_dtype)
        parts = [self.normalized_picture(picture) for picture in tf.split(inputs, pictures)]
        return tf.cast(tf.concat(parts, axis=0), self.compute_dtype)

    def normalized_picture(self, picture: Any) -> Any:
        """One picture `(1, H, W, C)` in its own dtype."""
        unused = tf.zeros((0,))  # running statistics, which training mode does not read
        # The raw operation: the function around it has a least epsilon of its own.
        return tf.raw_ops.FusedBatchNormV3(
            x=picture,
            scale=self.scale.value,
            offset=self.offset.value,
            mean=unused,
            variance=unused,
            epsilon=self.epsilon,
            is_training=True,
        )[0]
