"""How a stylized picture is made of a photograph: at which scale, how strongly, in whose colors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.images.color import with_color_of
from adaptive_style_tf.images.resizing import resized, scaled_to_short_side

Stylize = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""From a photograph, sRGB uint8 [H, W, 3], to the stylized picture of its size."""


@dataclass(frozen=True)
class Look:
    """What is done around a style.

    Args:
        strength: share of the style in the result: 0 gives the photograph, 1 the style.
        preserve_color: lightness from the style, color from the photograph.
        image_size: short side at which the network sees the photograph, in pixels; None leaves it.
        restore_size: whether the result is scaled back to the photograph's size.

    Raises:
        UsageError: a value is out of range, or `restore_size` has nothing to restore.
    """

    strength: float = 1.0
    preserve_color: bool = False
    image_size: int | None = None
    restore_size: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise UsageError(f"strength goes from 0 to 1. Received: strength={self.strength}")
        if self.image_size is not None and self.image_size < 1:
            raise UsageError(f"A side has 1 pixel or more. Received: image_size={self.image_size}")
        if self.restore_size and self.image_size is None:
            raise UsageError(
                "Nothing is scaled, so there is no size to restore; give an image size "
                "(--image-size 1280 --restore-size)."
            )

    def seen_size(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) at which the network sees a photograph of this size."""
        if self.image_size is None:
            return height, width
        return scaled_to_short_side(height, width, self.image_size)

    def result_size(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) of the result for a photograph of this size."""
        return (height, width) if self.restore_size else self.seen_size(height, width)

    def apply(self, stylize: Stylize, photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stylizes one picture or frame.

        Args:
            stylize: the style; not asked where `strength` is 0.
            photograph: uint8 [H, W, 3].

        Returns:
            uint8, of `result_size`.
        """
        height, width = photograph.shape[:2]
        seen = resized(photograph, *self.seen_size(height, width))
        base = photograph if self.restore_size else seen
        if self.strength == 0:
            return base.copy()
        result = resized(stylize(seen), *base.shape[:2])
        if self.preserve_color:
            result = with_color_of(base, result)
        return blended((result, base), (self.strength, 1 - self.strength))

    def of(self, stylize: Stylize) -> Stylize:
        """This look of a style, as a style of its own."""
        return lambda photograph: self.apply(stylize, photograph)


def mixed(parts: Sequence[Stylize], weights: Sequence[float]) -> Stylize:
    """The blend of what several styles make of a photograph.

    Args:
        parts: the styles; at least one.
        weights: of each, above 0; only their ratios count.

    Raises:
        ValueError: not one weight for each part, or a weight is not above 0.
    """
    if not parts or len(parts) != len(weights) or min(weights) <= 0:
        raise ValueError(
            "A mix has a weight above 0 for each part. "
            f"Received: {len(parts)} parts, weights={list(weights)}"
        )
    shares = [weight / sum(weights) for weight in weights]

    def stylize(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
        total = np.zeros(photograph.shape, np.float32)
        for part, share in zip(parts, shares, strict=True):  # one result at a time in memory
            total += np.float32(share) * part(photograph)
        return rounded(total)

    return stylize


def blended(
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]], shares: tuple[float, float]
) -> NDArray[np.uint8]:
    """The weighted mean of two pictures of one size; shares of 1 and 0 give one of them exactly."""
    for picture, share in zip(pictures, shares, strict=True):
        if share == 1:
            return picture
    first, second = (
        np.float32(share) * picture for picture, share in zip(pictures, shares, strict=True)
    )
    return rounded(first + second)


def rounded(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels of any shape as whole numbers; those outside 0 to 255 are cut off."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
