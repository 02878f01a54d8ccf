"""The layers that Keras lacks: instance normalization, reflection padding, up-sampling convolution.

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
    """

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


@keras.saving.register_keras_serializable(PACKAGE)
class UpsamplingConvolution(keras.layers.Layer):
    """Nearest-neighbour up-sampling by 2, then a 3x3 SAME convolution without bias.

    Both are computed at once: a repeated pixel meets sums of kernel elements, so the pair equals
    one transposed convolution of stride 2 with a 4x4 kernel, in 4/9 of the arithmetic and without
    the up-sampled map in memory. The weight stays the 3x3 kernel of the method (REFERENCE 2).

    Input `(N, H, W, C)`; output `(N, 2 H, 2 W, filters)`.
    """

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(3, 3, input_shape[-1], self.filters),
            initializer=convolution_initializer(),
            autocast=False,  # the sums are taken in full precision
        )

    def call(self, inputs: Any) -> Any:
        kernel = ops.cast(transposed_kernel(self.kernel), self.compute_dtype)
        return ops.conv_transpose(
            inputs, kernel, strides=2, padding="same", data_format="channels_last"
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, _ = input_shape
        return (batch, doubled(height), doubled(width), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable(PACKAGE)
class MatrixConvolution(keras.layers.Layer):
    """A 5x5 SAME convolution of stride 2 without bias, computed as one matrix product.

    The same numbers as `Conv2D`. On small maps with many channels, where convolution kernels spend
    their time on moving weights, it takes about a third of the time, gradients included.

    Input `(N, H, W, C)`; output `(N, H / 2, W / 2, filters)`, rounded up.
    """

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(5, 5, input_shape[-1], self.filters),
            initializer=convolution_initializer(),
        )

    def call(self, inputs: Any) -> Any:
        batch, height, width, channels = ops.shape(inputs)
        # TensorFlow's SAME: one pixel less before the first on even sides.
        top, left = 1 - height % 2, 1 - width % 2
        rows, columns = (height + 1) // 2, (width + 1) // 2
        bordered = ops.pad(inputs, ((0, 0), (2, 2), (2, 2), (0, 0)))
        patches = ops.concatenate(
            [
                bordered[:, y : y + 2 * rows - 1 : 2, x : x + 2 * columns - 1 : 2]
                for y in (top + offset for offset in range(5))
                for x in (left + offset for offset in range(5))
            ],
            axis=-1,
        )  # (N, rows, columns, 25 C)
        product = ops.matmul(
            ops.reshape(patches, (-1, 25 * channels)),
            ops.reshape(self.kernel, (25 * channels, self.filters)),
        )
        return ops.reshape(product, (batch, rows, columns, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, _ = input_shape
        return (batch, halved(height, 1), halved(width, 1), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


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


def transposed_kernel(kernel: Any) -> Any:
    """The kernel `(4, 4, out, in)` whose stride-2 transposed convolution up-samples and convolves.

    A transposed convolution spreads where a convolution gathers, hence the flip.

    Args:
        kernel: `(3, 3, in, out)`.
    """
    bordered = ops.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))  # (5, 5, in, out)
    sums = bordered[:-1, :-1] + bordered[1:, :-1] + bordered[:-1, 1:] + bordered[1:, 1:]
    return ops.transpose(ops.flip(sums, axis=(0, 1)), (0, 1, 3, 2))


def padded(side: int | None, padding: int) -> int | None:
    return None if side is None else side + 2 * padding


def doubled(side: int | None) -> int | None:
    return None if side is None else 2 * side


def halved(side: int | None, times: int) -> int | None:
    """`side` after `times` SAME convolutions of stride 2."""
    return None if side is None else -(-side // 2**times)


def without_autocast(config: dict[str, Any]) -> dict[str, Any]:
    """`config` without the entry that a layer sets itself."""
    return {key: value for key, value in config.items() if key != "autocast"}
