"""A discriminator for short trainings: it judges patches, at three scales of the picture.

The release's discriminator normalizes every layer, and its deep scales see a picture as a whole.
What it learns it learns thoroughly, and late: on a few processor cores it is at chance for a
thousand steps. Strokes and colors are a matter of patches (Isola et al. 2017, arXiv 1611.07004,
section 3.2.2), looked at in the picture and in its reductions by networks of their own (Wang et al.
2018, arXiv 1711.11585, section 3.2). Without normalizations colors and contrasts count too.

Neither the paper nor the release has it.
"""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models.layers import PACKAGE

PATCH_SCALES = 3  # the picture, its half and its quarter
WIDTHS = (1, 2, 4, 8)  # channels of the four layers, in units of ndf
KERNELS = (4, 4, 4, 3)
STRIDES = (2, 2, 2, 1)
SLOPE = 0.2  # of the leaky ReLU

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(PACKAGE)
class PatchDiscriminator(keras.Model):
    """Pictures `(N, H, W, 3)` in [-1, 1] to three logit maps, above 0 for "painting of the artist".

    Returns a dict `scale_0`, `scale_1`, `scale_2` of `(N, h / 8, w / 8, 1)` (rounded up) for a
    picture whose sides were halved so many times, float32. A logit of the first sees 54 px.

    Args:
        ndf: channels of the first layer.
    """

    def __init__(self, ndf: int = 32, **options: Any) -> None:
        super().__init__(**options)
        self.ndf = ndf
        self.scales = [
            PatchJudge(ndf, name=f"scale_{scale}", dtype=self.dtype_policy)
            for scale in range(PATCH_SCALES)
        ]

    def build(self, input_shape: Shape) -> None:
        for judge in self.scales:
            judge.build((None, None, None, 3))

    def call(self, pictures: Any) -> dict[str, Any]:
        logits = {}
        for judge in self.scales:
            logits[judge.name] = judge(pictures)
            pictures = ops.average_pool(pictures, 2, 2, data_format="channels_last")
        return logits

    def compute_output_shape(self, input_shape: Shape) -> dict[str, Shape]:
        batch, *sides, _ = input_shape
        shapes = {}
        for scale, judge in enumerate(self.scales):
            seen = [None if side is None else side // 2**scale for side in sides]
            shapes[judge.name] = judge.compute_output_shape((batch, *seen, 3))
        return shapes

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ndf": self.ndf}


@keras.saving.register_keras_serializable(PACKAGE)
class PatchJudge(keras.layers.Layer):
    """Pictures `(N, H, W, 3)` to logits `(N, H / 8, W / 8, 1)`, rounded up, float32.

    Kernels are as wide as two strides, so that every pixel counts as often as its neighbors.
    """

    def __init__(self, ndf: int, **options: Any) -> None:
        super().__init__(**options)
        self.ndf = ndf
        self.convolutions = [
            keras.layers.Conv2D(
                width * ndf,
                kernel,
                strides=stride,
                padding="same",
                data_format="channels_last",
                kernel_initializer=keras.initializers.HeNormal(),
                name=f"conv_{layer}",
                dtype=self.dtype_policy,
            )
            for layer, (width, kernel, stride) in enumerate(
                zip(WIDTHS, KERNELS, STRIDES, strict=True)
            )
        ]
        self.logits = keras.layers.Conv2D(
            1,
            3,
            padding="same",
            data_format="channels_last",
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            name="logits",
            dtype="float32",
        )

    def build(self, input_shape: Shape) -> None:
        channels = input_shape[-1]
        for convolve in self.convolutions:
            convolve.build((None, None, None, channels))
            channels = convolve.filters
        self.logits.build((None, None, None, channels))

    def call(self, pictures: Any) -> Any:
        features = pictures
        for convolve in self.convolutions:
            features = ops.leaky_relu(convolve(features), negative_slope=SLOPE)
        return self.logits(ops.cast(features, "float32"))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *sides, _ = input_shape
        return (batch, *(None if side is None else -(-side // 8) for side in sides), 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ndf": self.ndf}
