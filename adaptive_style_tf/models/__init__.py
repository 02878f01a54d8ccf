"""The networks as Keras models, in `keras.ops` alone: they run under every Keras backend."""

from adaptive_style_tf.models.convolutions import (
    MatrixConvolution,
    QuadConvolution,
    SingleMapConvolution,
    UpsamplingConvolution,
)
from adaptive_style_tf.models.discriminator import SCALES, Discriminator
from adaptive_style_tf.models.generator import Decoder, Encoder, Generator
from adaptive_style_tf.models.layers import InstanceNormalization, ReflectionPadding2D
from adaptive_style_tf.models.patch_discriminator import PatchDiscriminator
from adaptive_style_tf.models.transformer import TransformerBlock
from adaptive_style_tf.models.weights import assign_weights, named_weights, read_value, read_weights

__all__ = [
    "SCALES",
    "Decoder",
    "Discriminator",
    "Encoder",
    "Generator",
    "InstanceNormalization",
    "MatrixConvolution",
    "PatchDiscriminator",
    "QuadConvolution",
    "ReflectionPadding2D",
    "SingleMapConvolution",
    "TransformerBlock",
    "UpsamplingConvolution",
    "assign_weights",
    "named_weights",
    "read_value",
    "read_weights",
]
