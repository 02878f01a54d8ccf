"""The patch discriminator: a painting of the artist or not, judged at five scales (REFERENCE 2)."""

from typing import Any

import keras
from keras import ops

from adaptive_style_tf.models.convolutions import MatrixConvolution, SingleMapConvolution, halved
from adaptive_style_tf.models.layers import (
    PACKAGE,
    InstanceNormalization,
    NormalizationChoice,
    convolution,
)
from adaptive_style_tf.models.shapes import DISCRIMINATOR_WIDTHS, LOGIT_KERNELS

LARGE_MAPS = 3  # layers whose maps are large beside their weights
FIRST_SMALL_MAP = 5  # layer from which on maps are small and weights many
SCALES = tuple(f"scale_{layer}" for layer in LOGIT_KERNELS)

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(PACKAGE)
class Discriminator(NormalizationChoice, keras.Model):
    """Pictures `(N, H, W, 3)` in [-1, 1] to five logit maps, above 0 for "painting of the artist".

    Returns a dict `scale_0`, `scale_1`, `scale_3`, `scale_5`, `scale_6` of `(N, H / 2^(k+1),
    W / 2^(k+1), 1)` (rounded up) for scale k, float32.

    Args:
        ndf: half of the channels of the first layer; 64 in the 2018 release (50,510,848 weights).
        normalization: the class of its normalizations, see `Generator`.
    """

    def __init__(
        self,
        ndf: int = 64,
        normalization: type[InstanceNormalization] = InstanceNormalization,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.ndf = ndf
        self.normalization = normalization
        self.convolutions = [
            halving_convolution(layer, width * ndf, self.dtype_policy)
            for layer, width in enumerate(DISCRIMINATOR_WIDTHS)
        ]
        self.normalizations = [
            normalization(name=f"norm_{layer}", dtype=self.dtype_policy)
            for layer in range(len(DISCRIMINATOR_WIDTHS))
        ]
        self.logit_convolutions = {
            str(layer): SingleMapConvolution(side, name=f"logits_{layer}", dtype=self.dtype_policy)
            for layer, side in LOGIT_KERNELS.items()
        }

    def build(self, input_shape: Shape) -> None:
        channels = 3
        for layer, convolve in enumerate(self.convolutions):
            convolve.build((None, None, None, channels))
            channels = convolve.filters
            self.normalizations[layer].build((None, None, None, channels))
            if layer in LOGIT_KERNELS:
                self.logit_convolutions[str(layer)].build((None, None, None, channels))

    def call(self, pictures: Any) -> dict[str, Any]:
        # Three large maps at once do not stay in a processor's cache, and a normalization that
        # takes pictures one by one would divide and join them at every layer.
        batch = pictures.shape[0]
        apart = batch is not None and 1 < batch <= self.normalization.most_pictures_apart
        parts = ops.split(pictures, batch) if apart else [pictures]
        logits = {}
        for layer in range(len(self.convolutions)):
            if layer == LARGE_MAPS:
                parts = [joined(parts)]
            parts = [self.features_of(layer, part) for part in parts]
            if layer in LOGIT_KERNELS:
                logits[f"scale_{layer}"] = joined(
                    [self.logit_convolutions[str(layer)](part) for part in parts]
                )
        return logits

    def features_of(self, layer: int, features: Any) -> Any:
        """What a layer makes of the features before it; their sides halved, rounded up."""
        normalized = self.normalizations[layer](self.convolutions[layer](features))
        return ops.leaky_relu(normalized, negative_slope=0.2)

    def compute_output_shape(self, input_shape: Shape) -> dict[str, Shape]:
        batch, height, width, _ = input_shape
        return {
            f"scale_{layer}": (batch, halved(height, layer + 1), halved(width, layer + 1), 1)
            for layer in LOGIT_KERNELS
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.normalization_config(), "ndf": self.ndf}


def joined(parts: list[Any]) -> Any:
    return ops.concatenate(parts) if len(parts) > 1 else parts[0]


def halving_convolution(layer: int, filters: int, dtype: Any) -> keras.layers.Layer:
    """The 5x5 convolution of stride 2 with which a layer begins."""
    name = f"conv_{layer}"
    if layer >= FIRST_SMALL_MAP:
        return MatrixConvolution(filters, name=name, dtype=dtype)
    return convolution(filters, 5, name, strides=2, padding="same", dtype=dtype)
