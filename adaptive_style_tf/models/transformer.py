"""The transformer block T: a weak, blurring picture transform (paper section 3.2; REFERENCE 1)."""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models.layers import PACKAGE, statistics_dtype, without_autocast

KINDS = ("fixed", "learned")


@keras.saving.register_keras_serializable(PACKAGE)
class TransformerBlock(keras.layers.Layer):
    """A weighted average of the neighborhood, of the pixels inside the picture only.

    `fixed` is the flat average of the 2018 release. `learned` is the paper's trained block: one
    kernel per color channel, a softmax over its positions, so that weights stay positive with sum 1
    and T cannot escape to zero; it starts as the flat average. Even kernels reach one pixel further
    down and right (TensorFlow's SAME).

    Args:
        kind: `fixed` or `learned`.
        kernel_size: side of the neighborhood in pixels; 10 in the 2018 release.

    Input and output: `(N, H, W, 3)`, float32 (float64 for a float64 layer).

    Raises:
        ValueError: for another kind.
    """

    def __init__(self, kind: str = "fixed", kernel_size: int = 10, **options: Any) -> None:
        super().__init__(autocast=False, **options)
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {KINDS}. Received: kind={kind!r}")
        self.kind = kind
        self.kernel_size = kernel_size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if self.kind == "learned":
            self.kernel = self.add_weight(
                name="kernel",  # before the softmax
                shape=(self.kernel_size, self.kernel_size, input_shape[-1], 1),
                initializer="zeros",
                autocast=False,
            )

    def call(self, pictures: Any) -> Any:
        pictures = ops.cast(pictures, statistics_dtype(self.compute_dtype))
        if self.kind == "fixed":
            return summed(pictures, self.kernel_size) / summed(
                ops.ones_like(pictures[:1]), self.kernel_size
            )
        weights = self.weights_of_average()
        inside = spread(
            ops.ones_like(pictures[:1]), weights
        )  # share of the weight that lies inside
        return spread(pictures, weights) / inside

    def weights_of_average(self) -> Any:
        """The weights of the learned average, `(k, k, 3, 1)`, positive, sum 1 per channel."""
        shape = ops.shape(self.kernel)
        flat = ops.reshape(self.kernel, (-1, shape[2]))
        return ops.reshape(ops.softmax(flat, axis=0), shape)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = without_autocast(super().get_config())
        return {**config, "kind": self.kind, "kernel_size": self.kernel_size}


def summed(pictures: Any, side: int) -> Any:
    """Sums over squares of `side` x `side`: over rows, then over columns.

    The same as a sum pooling, whose gradient would take many times longer.
    """
    for shape in ((side, 1), (1, side)):
        pictures = spread(pictures, ops.ones((*shape, pictures.shape[-1], 1), pictures.dtype))
    return pictures


def spread(pictures: Any, weights: Any) -> Any:
    return ops.depthwise_conv(pictures, weights, 1, padding="same", data_format="channels_last")
