"""Instance normalization and reflection padding, which Keras lacks, and what all layers share.

Everything is `keras.ops`, so each layer runs under every Keras backend. Tensors are NHWC.
"""

from typing import Any

import keras
from keras import ops

PACKAGE = "adaptive_style_tf"
CONVOLUTION_DEVIATION = 0.02  # of the normal distribution, cut at two deviations (REFERENCE 2)


def convolution_initializer() -> keras.initializers.Initializer:
    """Initial values of every convolution kernel (REFERENCE 2)."""
    return keras.initializers.TruncatedNormal(stddev=CONVOLUTION_DEVIATION)


def statistics_dtype(dtype: str) -> str:
    """The dtype for what half precision is too coarse for, in a layer that computes in `dtype`."""
    return "float64" if dtype == "float64" else "float32"


def convolution(filters: int, kernel_size: int, name: str, **options: Any) -> keras.layers.Conv2D:
    """A convolution without bias, VALID unless `padding` says otherwise."""
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        use_bias=False,
        data_format="channels_last",
        kernel_initializer=convolution_initializer(),
        name=name,
        **options,
    )


@keras.saving.register_keras_serializable(PACKAGE)
class InstanceNormalization(keras.layers.Layer):
    """`scale * (x - mean) / sqrt(variance + epsilon) + offset`, per image and channel.

    The same in training and use. Statistics are computed in float32 (float64 for a float64 layer)
    whatever the compute dtype; the result has the compute dtype.

    Args:
        epsilon: added to the biased variance; 1e-5 in the 2018 release (REFERENCE 2).

    Input and output: `(N, H, W, C)`.

    Attributes:
        most_pictures_apart: in a batch of up to so many pictures each is normalized by a call of
            its own; 0 where a batch stays together. A network may then keep them apart throughout.
    """

    most_pictures_apart = 0

    def __init__(self, epsilon: float = 1e-5, **options: Any) -> None:
        # No autocast: a picture that is rounded before its statistics are taken loses detail.
        super().__init__(autocast=False, **options)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        self.scale = self.add_weight(
            name="scale",
            shape=(channels,),
            initializer=keras.initializers.RandomNormal(mean=1.0, stddev=0.02),
            autocast=False,
        )
        self.offset = self.add_weight(
            name="offset", shape=(channels,), initializer="zeros", autocast=False
        )

    def call(self, inputs: Any) -> Any:
        values = ops.cast(inputs, statistics_dtype(self.compute_dtype))
        return self.normalized(values, *self.statistics(values))

    def statistics(self, values: Any) -> tuple[Any, Any]:
        """Mean and biased variance, each `(N, 1, 1, C)` in the dtype of `values`.

        A subclass may take them from elsewhere, such as from other frames of a video.

        Args:
            values: `(N, H, W, C)`, float32, or float64 for a float64 layer.
        """
        mean, variance = ops.moments(values, axes=(1, 2), keepdims=True)
        return mean, variance

    def normalized(self, values: Any, mean: Any, variance: Any) -> Any:
        """`values` by the given statistics, scaled and shifted, in the compute dtype."""
        # One multiplication and one addition per element: the factors are (N, 1, 1, C).
        factor = self.scale * ops.rsqrt(variance + self.epsilon)
        return ops.cast(values * factor + (self.offset - mean * factor), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**without_autocast(super().get_config()), "epsilon": self.epsilon}


@keras.saving.register_keras_serializable(PACKAGE)
class ReflectionPadding2D(keras.layers.Layer):
    """Mirrors `padding` pixels at each border, the border pixel itself not repeated.

    Input `(N, H, W, C)` with H and W above `padding`; output `(N, H + 2 p, W + 2 p, C)`.
    """

    def __init__(self, padding: int, **options: Any) -> None:
        super().__init__(**options)
        self.padding = padding

    def call(self, inputs: Any) -> Any:
        sides = (self.padding, self.padding)
        return ops.pad(inputs, ((0, 0), sides, sides, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        return (batch, padded(height, self.padding), padded(width, self.padding), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}


class NormalizationChoice:
    """For networks with the argument `normalization`: how their configuration names the class.

    It does so only where the class is not `InstanceNormalization` itself. Such a class has to be
    registered (`keras.saving.register_keras_serializable`) where a saved network is loaded.
    """

    normalization: type[InstanceNormalization]

    def normalization_config(self) -> dict[str, Any]:
        if self.normalization is InstanceNormalization:
            return {}
        return {"normalization": keras.saving.get_registered_name(self.normalization)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        name = config.get("normalization")
        if not isinstance(name, str):
            return cls(**config)
        normalization = keras.saving.get_registered_object(name)
        if normalization is None:
            raise ValueError(
                "The class of the network's normalizations is not registered with Keras: import "
                f"it before loading. Received: normalization={name!r}"
            )
        return cls(**{**config, "normalization": normalization})


def padded(side: int | None, padding: int) -> int | None:
    return None if side is None else side + 2 * padding


def without_autocast(config: dict[str, Any]) -> dict[str, Any]:
    """`config` without the entry that a layer sets itself."""
    return {key: value for key, value in config.items() if key != "autocast"}
