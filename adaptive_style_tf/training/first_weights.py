"""First weights by regression: a generator that gives pictures back before its first step.

Layer by layer, least squares finds the kernels. With the offsets of its normalizations at 2 nearly
everything passes the encoder's ReLUs, and it is close to a linear one. Its kernels describe the
square of pixels that belongs to a position of their map (a reduced-rank regression: the main
directions of what can be told of the square).

The decoder's rebuild such squares of half the side, the last one the colors, of the picture in
patches with sharp edges (`abstraction`). Its outer layers have more channels than a square has
values, so that their ReLUs may cut away a third of everything: what is left is not linear, and can
make edges sharp. A decoder that begins as a linear one stays one for thousands of steps, with rings
along every edge.

In each map the directions are mixed by a random rotation. Without it a channel would hold one
direction alone, whose strength its normalization takes away: fine lines all over flat skies.

Neither the paper nor the release has it; docs/training.md says what it is worth.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.training.abstraction import abstracted
from adaptive_style_tf.training.palette import Palette, in_palette
from adaptive_style_tf.training.regression import FLAT, Floats, Regression, strongest

# Offsets of the normalizations, in standard deviations: at 2, 98 % passes the ReLU.
ENCODER_OFFSET = 2.0
DECODER_OFFSETS = (1.5, 0.5, 0.3, 0.3)  # by layer
CORNERS = (14, 7, 3, 1, 0)  # by encoder layer: the feature whose square is at the picture's corner
POSITIONS = 3_000  # of a map at which a picture is looked at, at most
WHITENING = 0.5  # 1: all directions equally strong; 0: as strong as in pictures
ENCODER_RIDGE, DECODER_RIDGE = 1e-6, 1e-4  # shares of the features' mean variance

Progress = Callable[[int, int], None]  # pictures looked at, those in all, once for each layer


def solve_first_weights(
    generator: keras.Model,
    pictures: Sequence[npt.NDArray[np.float32]],
    palette: Palette,
    seed: int,
    progress: Progress,
) -> None:
    """Gives a generator whose residual blocks are switched off its first weights.

    Args:
        generator: built; see `let_the_latent_through` for the residual blocks.
        pictures: crops `(S, S, 3)` in [-1, 1], S a multiple of 16; some fifty are enough.
        palette: in which the generator is to give pictures back.
        seed: of the rotations and of the positions looked at.
        progress: is told how far it is: pictures looked at, and how many that will be in all.
    """
    random = np.random.default_rng(seed)
    encoder, decoder = generator.encoder, generator.decoder
    blocks = decoder.upsampling_blocks
    for normalize, offset in (
        *((normalize, ENCODER_OFFSET) for normalize in encoder.normalizations),
        *zip((block.normalize for block in blocks), DECODER_OFFSETS, strict=True),
    ):
        normalize.scale.assign(ops.ones(normalize.scale.shape))
        normalize.offset.assign(ops.full(normalize.offset.shape, offset))
    painted = [as_painted(picture) for picture in pictures]
    looks = Looks(pictures, len(CORNERS) + len(blocks) + 1, progress)

    for layer, corner in enumerate(CORNERS):
        convolve, known = encoder.convolutions[layer], Regression()
        stride = convolve.strides[0]
        for picture in looks:
            features = encoded(encoder, picture, layer)
            squares = squares_of(without_mean_and_spread(picture), 2**layer)
            known.add(*pairs(features, squares, 3, stride, corner * stride, random))
        kernel = described(known, convolve.filters, random)
        convolve.kernel.assign(kernel.reshape(convolve.kernel.shape))
    for index, block in enumerate(blocks):
        side = 2 ** (len(blocks) - 1 - index)
        directions = main_directions(painted, side, block.filters, random)
        known = Regression()
        for picture, aim in zip(looks, painted, strict=True):
            features = decoded(generator, picture, index)
            doubled = np.pad(features.repeat(2, axis=0).repeat(2, axis=1), ((1, 1), (1, 1), (0, 0)))
            wanted = squares_of(aim, side) @ directions
            known.add(*pairs(doubled, wanted, 3, 1, 0, random))
        kernel = block.convolve.kernel
        kernel.assign(known.solved(DECODER_RIDGE).reshape(kernel.shape))
    known = Regression(centered=False)
    for picture, aim in zip(looks, painted, strict=True):
        features = decoded(generator, picture, len(blocks))
        padded = np.pad(features, ((3, 3), (3, 3), (0, 0)), mode="reflect")
        wanted = before_the_sigmoid(aim, palette)
        known.add(*pairs(padded, wanted, 7, 1, 0, random))
    kernel = decoder.output_convolution.kernel
    kernel.assign(known.solved(DECODER_RIDGE).reshape(kernel.shape))


class Looks:
    """The pictures once again for each layer, told as they go by."""

    def __init__(
        self, pictures: Sequence[npt.NDArray[np.float32]], layers: int, progress: Progress
    ) -> None:
        self._pictures = pictures
        self._total = layers * len(pictures)
        self._progress = progress
        self._done = 0

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        for picture in self._pictures:
            yield picture
            self._done += 1
            self._progress(self._done, self._total)


def described(known: Regression, channels: int, random: np.random.Generator) -> Floats:
    """The kernel `(i, channels)` that tells most of the outputs, as a rotated mix of directions."""
    solution = known.solved(ENCODER_RIDGE)
    variances, _ = known.moments()
    strength, directions = strongest(solution.T @ variances @ solution, channels)
    kernel = solution @ mixed(strength, directions, channels, random)
    spread = np.sqrt(np.einsum("ic,ij,jc->c", kernel, variances, kernel, optimize=True))
    scaled: Floats = kernel / max(spread.mean(), FLAT)
    return scaled


def main_directions(
    pictures: Sequence[npt.NDArray[np.float32]],
    side: int,
    channels: int,
    random: np.random.Generator,
) -> Floats:
    """A rotated mix `(3 side^2, channels)` of the main directions of pictures' squares."""
    squares = np.concatenate([squares_of(p, side).reshape(-1, 3 * side**2) for p in pictures])
    covariance = np.atleast_2d(np.cov(squares.T, dtype=np.float64))
    directions = mixed(*strongest(covariance, channels), channels, random)
    spread = np.sqrt(np.einsum("ic,ij,jc->c", directions, covariance, directions, optimize=True))
    scaled: Floats = directions / max(spread.mean(), FLAT)
    return scaled


def mixed(
    strength: Floats, directions: Floats, channels: int, random: np.random.Generator
) -> Floats:
    """The directions, brought nearer to one strength and rotated into channels: `(n, channels)`."""
    rotation, _ = np.linalg.qr(random.normal(size=(channels, channels)))
    result: Floats = (directions * strength ** (-WHITENING / 2)) @ rotation[: len(strength)]
    return result


def pairs(
    features: npt.NDArray[Any],
    wanted: npt.NDArray[Any],
    side: int,
    stride: int,
    corner: int,
    random: np.random.Generator,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Patches of features at random positions, with what a kernel is to make of them.

    Args:
        features: `(h, w, c)`.
        wanted: `(m, m, o)`, for the patches from `corner` on, a stride apart.
        side: of the patches.

    Returns:
        `(n, side * side * c)` and `(n, o)`.
    """
    rows, columns, outputs = wanted.shape
    chosen = random.permutation(rows * columns)[:POSITIONS]
    down, right = corner + stride * (chosen // columns), corner + stride * (chosen % columns)
    windows = np.lib.stride_tricks.sliding_window_view(features, (side, side), axis=(0, 1))
    patches = windows[down, right].transpose(0, 2, 3, 1)  # (n, side, side, c)
    return patches.reshape(len(chosen), -1), wanted.reshape(-1, outputs)[chosen]


def squares_of(values: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    """`(S, S, 3)` as `(S / side, S / side, 3 side^2)`."""
    rows, columns, channels = values.shape
    split = values.reshape(rows // side, side, columns // side, side, channels)
    return split.transpose(0, 2, 1, 3, 4).reshape(rows // side, columns // side, -1)


def as_painted(picture: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """A picture in patches of color, without their mean and spread."""
    return without_mean_and_spread(in_numpy(abstracted(picture[np.newaxis])))


def without_mean_and_spread(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A picture as the encoder's first normalization leaves it."""
    deviation = np.sqrt(picture.var(axis=(0, 1)) + 1e-5)
    result: npt.NDArray[Any] = (picture - picture.mean(axis=(0, 1))) / deviation
    return result


def before_the_sigmoid(normalized: npt.NDArray[Any], palette: Palette) -> npt.NDArray[Any]:
    """What the last convolution is to give for the picture in the palette."""
    colors = in_numpy(in_palette(normalized[np.newaxis], palette))
    result: npt.NDArray[Any] = 2 * np.arctanh(np.clip(colors, -0.98, 0.98))
    return result


def encoded(encoder: keras.Model, picture: npt.NDArray[Any], layers: int) -> npt.NDArray[Any]:
    """The features `(h, w, c)` after so many of the encoder's layers; 0: the padded picture."""
    features = encoder.pad(encoder.normalize_picture(picture[np.newaxis]))
    for index in range(layers):
        features = ops.relu(encoder.normalizations[index](encoder.convolutions[index](features)))
    return in_numpy(features)


def decoded(generator: keras.Model, picture: npt.NDArray[Any], blocks: int) -> npt.NDArray[Any]:
    """The features after so many up-sampling blocks; 0: the latent."""
    features = generator.encoder(picture[np.newaxis])
    for block in generator.decoder.upsampling_blocks[:blocks]:
        features = block(features)
    return in_numpy(features)


def in_numpy(features: Any) -> npt.NDArray[Any]:
    result: npt.NDArray[Any] = ops.convert_to_numpy(ops.cast(features, "float32"))[0]
    return result
