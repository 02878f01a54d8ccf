"""Convolutions in the forms that are fast for the networks' shapes; the numbers are the plain ones.

Convolution kernels of processors are made for many channels and large maps. Where a layer has few
channels, small maps or works on repeated pixels, another order of the same sums takes a fraction of
the time. Weights have the plain layers' names and shapes.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from adaptive_style_tf.models.layers import PACKAGE, convolution_initializer, statistics_dtype


@keras.saving.register_keras_serializable(PACKAGE)
class UpsamplingConvolution(keras.layers.Layer):
    """Nearest-neighbor up-sampling by 2, then a 3x3 SAME convolution without bias.

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
        batch, height, width, _ = ops.shape(inputs)
        product = patch_product(neighborhoods(inputs), flat_kernel(self.kernel))
        return ops.reshape(product, (batch, (height + 1) // 2, (width + 1) // 2, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, _ = input_shape
        return (batch, halved(height, 1), halved(width, 1), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable(PACKAGE)
class SingleMapConvolution(keras.layers.Layer):
    """A SAME convolution of stride 1 to one channel without bias.

    One matrix product gives what each kernel element makes of each pixel; shifted copies of these
    maps are added up, first over the columns, then over the rows of the kernel. A convolution
    kernel would fill one of its vector lanes.

    Args:
        kernel_size: side of the kernel.

    Input `(N, H, W, C)`; output `(N, H, W, 1)`, float32 (float64 for a float64 layer): the sums are
    not rounded to half precision.
    """

    def __init__(self, kernel_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.kernel_size = kernel_size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, self.kernel_size, input_shape[-1], 1),
            initializer=convolution_initializer(),
        )

    def call(self, inputs: Any) -> Any:
        side = self.kernel_size
        batch, height, width, channels = ops.shape(inputs)
        pixels = ops.reshape(inputs, (-1, channels))
        products = ops.einsum("yxc,pc->xyp", self.kernel[..., 0], pixels)
        products = ops.cast(products, statistics_dtype(self.compute_dtype))
        products = ops.reshape(products, (side, side, batch, height, width))
        # Element x of a row acts on the pixel x - before to the right of the result's.
        before = side - 1 - (side - 1) // 2
        by_row = sum(
            ops.pad(part, ((0, 0), (0, 0), (0, 0), (side - 1 - x, x)))
            for x, part in enumerate(ops.unstack(products, side, axis=0))
        )[..., before : before + width]
        result = sum(
            ops.pad(part, ((0, 0), (side - 1 - y, y), (0, 0)))
            for y, part in enumerate(ops.unstack(by_row, side, axis=0))
        )[:, before : before + height]
        return result[..., None]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_size": self.kernel_size}


@keras.saving.register_keras_serializable(PACKAGE)
class QuadConvolution(keras.layers.Layer):
    """A VALID convolution of stride 1 to few channels without bias, for sides that come out even.

    Each position of a convolution of stride 2 with a kernel larger by one gives four neighboring
    pixels at once, as channels: 12 of them for a picture fill the vector lanes that 3 would not.

    Args:
        filters: channels of the result.
        kernel_size: side of the kernel, k.

    Input `(N, H, W, C)`; output `(N, H - k + 1, W - k + 1, filters)`.

    Raises:
        ValueError: if a known side of the result is odd.
    """

    def __init__(self, filters: int, kernel_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters
        self.kernel_size = kernel_size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, self.kernel_size, input_shape[-1], self.filters),
            initializer=convolution_initializer(),
        )

    def call(self, inputs: Any) -> Any:
        _, height, width, _ = self.compute_output_shape(inputs.shape)
        if any(side is not None and side % 2 for side in (height, width)):
            raise ValueError(
                f"The sides of the result must be even. Received: height={height}, width={width}"
            )
        kernels = [
            ops.pad(self.kernel, ((y, 1 - y), (x, 1 - x), (0, 0), (0, 0)))
            for y in range(2)
            for x in range(2)
        ]
        quads = ops.conv(
            inputs,
            ops.concatenate(kernels, axis=-1),
            strides=2,
            padding="valid",
            data_format="channels_last",
        )  # (N, H' / 2, W' / 2, 4 filters)
        batch, rows, columns, _ = ops.shape(quads)
        quads = ops.reshape(quads, (batch, rows, columns, 2, 2, self.filters))
        lines = ops.transpose(quads, (0, 1, 3, 2, 4, 5))
        return ops.reshape(lines, (batch, 2 * rows, 2 * columns, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, _ = input_shape
        height, width = (None if side is None else side - self.kernel_size + 1 for side in sides)
        return (batch, height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
        }


def flat_kernel(kernel: Any) -> Any:
    """`(5, 5, in, out)` to `(25 in, out)`."""
    return ops.reshape(ops.convert_to_tensor(kernel), (-1, kernel.shape[-1]))


@ops.custom_gradient
def neighborhoods(maps: Any) -> Any:
    """What a 5x5 SAME convolution of stride 2 looks at: `(N, H, W, C)` to `(N H/2 W/2, 25 C)`.

    The gradient is written down because TensorFlow's, of 25 slices with gaps, takes ten times as
    long.
    """
    batch, height, width, channels = ops.shape(maps)
    rows, columns = (height + 1) // 2, (width + 1) // 2
    # TensorFlow's SAME: one pixel less before the first on even sides.
    above, left = 1 + height % 2, 1 + width % 2
    sides = ((above, 2 * rows + 4 - height - above), (left, 2 * columns + 4 - width - left))
    parts = by_parity(ops.pad(maps, ((0, 0), *sides, (0, 0))))
    offsets = [(y, x) for y in range(5) for x in range(5)]
    patches = [
        parts[y % 2][x % 2][:, y // 2 : y // 2 + rows, x // 2 : x // 2 + columns]
        for y, x in offsets
    ]

    def gradient(*arguments: Any, upstream: Any = None) -> Any:
        (by_patch,) = arguments if upstream is None else (upstream,)
        spread = ops.reshape(by_patch, (batch, rows, columns, 25, channels))
        shares = dict(zip(offsets, ops.unstack(spread, 25, axis=3), strict=True))
        sums = [
            [
                sum(
                    ops.pad(share, ((0, 0), (y // 2, 2 - y // 2), (x // 2, 2 - x // 2), (0, 0)))
                    for (y, x), share in shares.items()
                    if (y % 2, x % 2) == parities
                )
                for parities in ((row, 0), (row, 1))
            ]
            for row in range(2)
        ]
        joined = ops.stack([ops.stack(pair, axis=3) for pair in sums], axis=2)
        bordered = ops.reshape(joined, (batch, 2 * rows + 4, 2 * columns + 4, channels))
        return bordered[:, above : above + height, left : left + width]

    return ops.reshape(ops.concatenate(patches, axis=-1), (-1, 25 * channels)), gradient


def by_parity(maps: Any) -> list[list[Any]]:
    """Pixels of even and odd rows (outer list) and columns; both sides of `maps` are even."""
    batch, height, width, channels = ops.shape(maps)
    pairs = ops.reshape(maps, (batch, height // 2, 2, width // 2, 2, channels))
    return [ops.unstack(row, 2, axis=3) for row in ops.unstack(pairs, 2, axis=2)]


@ops.custom_gradient
def patch_product(patches: Any, kernel: Any) -> Any:
    """The product of few patches `(P, K)` and a large kernel `(K, F)`.

    The gradient is written down for the order of its factors: a product with the transposed kernel
    on the right takes twice as long.
    """

    def gradient(*arguments: Any, upstream: Any = None) -> tuple[Any, Any]:
        (by_product,) = arguments if upstream is None else (upstream,)
        by_patches = ops.transpose(ops.matmul(kernel, ops.transpose(by_product)))
        return by_patches, ops.matmul(ops.transpose(patches), by_product)

    return ops.matmul(patches, kernel), gradient


# Which of the three kernel elements meet at each of the four elements of the transposed kernel. A
# transposed convolution spreads where a convolution gathers, hence the order from last to first.
MEETING = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], np.float32)


def transposed_kernel(kernel: Any) -> Any:
    """The kernel `(4, 4, out, in)` whose stride-2 transposed convolution up-samples and convolves.

    Args:
        kernel: `(3, 3, in, out)`.
    """
    _, _, entering, leaving = kernel.shape
    elements = ops.reshape(ops.transpose(kernel, (0, 1, 3, 2)), (9, leaving * entering))
    # As a matrix product: slices, and their gradients above all, take many times longer.
    sums = ops.matmul(ops.cast(np.kron(MEETING, MEETING), elements.dtype), elements)
    return ops.reshape(sums, (4, 4, leaving, entering))


def doubled(side: int | None) -> int | None:
    return None if side is None else 2 * side


def halved(side: int | None, times: int) -> int | None:
    """`side` after `times` SAME convolutions of stride 2."""
    return None if side is None else -(-side // 2**times)
