"""Encoder, decoder and the generator made of both (paper section 3; REFERENCE 2)."""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models.convolutions import QuadConvolution, UpsamplingConvolution
from adaptive_style_tf.models.layers import (
    PACKAGE,
    InstanceNormalization,
    NormalizationChoice,
    ReflectionPadding2D,
    convolution,
    statistics_dtype,
    without_autocast,
)
from adaptive_style_tf.models.shapes import DECODER_WIDTHS, ENCODER_WIDTHS, RESIDUAL_BLOCKS

SMALLEST_SIDE = 19  # px; below, the latent is too small for the decoder's reflection padding
ENCODER_STRIDES = (1, 2, 2, 2, 2)

Shape = tuple[int | None, ...]
Normalization = type[InstanceNormalization]


@keras.saving.register_keras_serializable(PACKAGE)
class Encoder(NormalizationChoice, keras.Model):
    """Picture `(N, H, W, 3)` in [-1, 1] to latent `(N, h, w, 8 ngf)`, h = (H + 13) // 16, all >= 0.

    Args:
        ngf: channels of the first layer; 32 in the 2018 release.
        normalization: the class of its normalizations, see `Generator`.

    Raises:
        ValueError: if a known side is below 19 pixels.
    """

    def __init__(
        self, ngf: int = 32, normalization: Normalization = InstanceNormalization, **options: Any
    ) -> None:
        # No autocast: the picture is normalized before it is rounded to half precision.
        super().__init__(autocast=False, **options)
        self.ngf = ngf
        self.normalization = normalization
        self.normalize_picture = normalization(name="norm_0", dtype=self.dtype_policy)
        self.pad = ReflectionPadding2D(15, dtype=self.dtype_policy)
        self.convolutions = [
            convolution(width * ngf, 3, f"conv_{index}", strides=stride, dtype=self.dtype_policy)
            for index, (width, stride) in enumerate(
                zip(ENCODER_WIDTHS, ENCODER_STRIDES, strict=True), start=1
            )
        ]
        self.normalizations = [
            normalization(name=f"norm_{index}", dtype=self.dtype_policy)
            for index in range(1, len(ENCODER_WIDTHS) + 1)
        ]

    def build(self, input_shape: Shape) -> None:
        self.normalize_picture.build((None, None, None, 3))
        channels = 3
        for convolve, normalize in zip(self.convolutions, self.normalizations, strict=True):
            convolve.build((None, None, None, channels))
            channels = convolve.filters
            normalize.build((None, None, None, channels))

    def call(self, pictures: Any) -> Any:
        refuse_small_sides(pictures.shape)
        features = self.pad(self.normalize_picture(pictures))  # (N, H + 30, W + 30, 3)
        for convolve, normalize in zip(self.convolutions, self.normalizations, strict=True):
            features = ops.relu(normalize(convolve(features)))
        return features

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, _ = input_shape
        return (batch, latent_side(height), latent_side(width), 8 * self.ngf)

    def get_config(self) -> dict[str, Any]:
        return {
            **without_autocast(super().get_config()),
            **self.normalization_config(),
            "ngf": self.ngf,
        }


@keras.saving.register_keras_serializable(PACKAGE)
class ResidualBlock(NormalizationChoice, keras.layers.Layer):
    """`x + Norm(conv(ReLU(Norm(conv(x)))))` with reflection padding; no ReLU after the addition."""

    def __init__(
        self, channels: int, normalization: Normalization = InstanceNormalization, **options: Any
    ) -> None:
        super().__init__(**options)
        self.channels = channels
        self.normalization = normalization
        self.pad = ReflectionPadding2D(1, dtype=self.dtype_policy)
        self.conv_1 = convolution(channels, 3, "conv_1", dtype=self.dtype_policy)
        self.norm_1 = normalization(name="norm_1", dtype=self.dtype_policy)
        self.conv_2 = convolution(channels, 3, "conv_2", dtype=self.dtype_policy)
        self.norm_2 = normalization(name="norm_2", dtype=self.dtype_policy)

    def build(self, input_shape: Shape) -> None:
        for layer in (self.conv_1, self.norm_1, self.conv_2, self.norm_2):
            layer.build((None, None, None, self.channels))

    def call(self, features: Any) -> Any:
        change = ops.relu(self.norm_1(self.conv_1(self.pad(features))))
        return features + self.norm_2(self.conv_2(self.pad(change)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.normalization_config(), "channels": self.channels}


@keras.saving.register_keras_serializable(PACKAGE)
class UpsamplingBlock(NormalizationChoice, keras.layers.Layer):
    """Twice the size: nearest-neighbor up-sampling, 3x3 convolution, Norm, ReLU."""

    def __init__(
        self, filters: int, normalization: Normalization = InstanceNormalization, **options: Any
    ) -> None:
        super().__init__(**options)
        self.filters = filters
        self.normalization = normalization
        self.convolve = UpsamplingConvolution(filters, name="conv", dtype=self.dtype_policy)
        self.normalize = normalization(name="norm", dtype=self.dtype_policy)

    def build(self, input_shape: Shape) -> None:
        self.convolve.build(input_shape)
        self.normalize.build((None, None, None, self.filters))

    def call(self, features: Any) -> Any:
        return ops.relu(self.normalize(self.convolve(features)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.convolve.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.normalization_config(), "filters": self.filters}


@keras.saving.register_keras_serializable(PACKAGE)
class Decoder(NormalizationChoice, keras.Model):
    """Latent `(N, h, w, 8 ngf)` to picture `(N, 16 h, 16 w, 3)`, float32 in [-1, 1].

    Args:
        ngf: channels of the last layer before the picture; 32 in the 2018 release.
        normalization: the class of its normalizations, see `Generator`.
    """

    def __init__(
        self, ngf: int = 32, normalization: Normalization = InstanceNormalization, **options: Any
    ) -> None:
        super().__init__(**options)
        self.ngf = ngf
        self.normalization = normalization
        self.residual_blocks = [
            ResidualBlock(8 * ngf, normalization, name=f"residual_{index}", dtype=self.dtype_policy)
            for index in range(1, RESIDUAL_BLOCKS + 1)
        ]
        self.upsampling_blocks = [
            UpsamplingBlock(
                width * ngf, normalization, name=f"upsample_{index}", dtype=self.dtype_policy
            )
            for index, width in enumerate(DECODER_WIDTHS, start=1)
        ]
        self.pad = ReflectionPadding2D(3, dtype=self.dtype_policy)
        self.output_convolution = QuadConvolution(3, 7, name="output", dtype=self.dtype_policy)

    def build(self, input_shape: Shape) -> None:
        shape: Shape = (None, None, None, 8 * self.ngf)
        for block in self.blocks():
            block.build(shape)
            shape = block.compute_output_shape(shape)
        self.output_convolution.build(shape)

    def blocks(self) -> list[Any]:
        return [*self.residual_blocks, *self.upsampling_blocks]

    def call(self, latent: Any) -> Any:
        features = latent
        for block in self.blocks():
            features = block(features)
        colors = self.output_convolution(self.pad(features))  # (N, 16 h, 16 w, 3)
        # Half precision has fewer steps than a picture has levels.
        return 2 * ops.sigmoid(ops.cast(colors, statistics_dtype(self.compute_dtype))) - 1

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, _ = input_shape
        return (batch, scaled(height), scaled(width), 3)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.normalization_config(), "ngf": self.ngf}


@keras.saving.register_keras_serializable(PACKAGE)
class Generator(NormalizationChoice, keras.Model):
    """Encoder and decoder: photograph to stylized picture, both `(N, H, W, 3)` in [-1, 1].

    The output has the size of the input where its sides are multiples of 16, and
    16 * ((side + 13) // 16) elsewhere, as in the 2018 release.

    Args:
        ngf: base width of both; 32 in the 2018 release (12,006,790 weights).
        normalization: the class of its normalizations, a subclass of `InstanceNormalization` that
            computes the same in another way or takes its statistics from elsewhere. Names of
            weights do not depend on it.
    """

    def __init__(
        self, ngf: int = 32, normalization: Normalization = InstanceNormalization, **options: Any
    ) -> None:
        super().__init__(autocast=False, **options)
        self.ngf = ngf
        self.normalization = normalization
        self.encoder = Encoder(ngf, normalization, name="encoder", dtype=self.dtype_policy)
        self.decoder = Decoder(ngf, normalization, name="decoder", dtype=self.dtype_policy)

    def build(self, input_shape: Shape) -> None:
        for part, channels in ((self.encoder, 3), (self.decoder, 8 * self.ngf)):
            if not part.built:  # somebody may have used it alone before
                part.build((None, None, None, channels))

    def call(self, photographs: Any) -> Any:
        return self.decoder(self.encoder(photographs))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.decoder.compute_output_shape(self.encoder.compute_output_shape(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {
            **without_autocast(super().get_config()),
            **self.normalization_config(),
            "ngf": self.ngf,
        }


def refuse_small_sides(shape: Shape) -> None:
    _, height, width, _ = shape
    if any(side is not None and side < SMALLEST_SIDE for side in (height, width)):
        raise ValueError(
            f"The network needs sides of at least {SMALLEST_SIDE} pixels. "
            f"Received: height={height}, width={width}"
        )


def latent_side(side: int | None) -> int | None:
    return None if side is None else (side + 13) // 16


def scaled(side: int | None) -> int | None:
    return None if side is None else 16 * side
