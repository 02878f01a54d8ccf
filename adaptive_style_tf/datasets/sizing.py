"""How large a picture is made before crops are taken from it (the release's rules)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Kind = Literal["painting", "photograph"]

PHOTOGRAPH_ENLARGEMENT = 2
LONG_SIDE_LIMIT = 1800  # px; what is longer is scaled down to it
LONG_SIDE_WANTED = 800  # px; of what is shorter, the short side is scaled up to it


def training_size(width: int, height: int, kind: Kind) -> tuple[int, int]:
    """Computes the size at which a picture is augmented.

    Photographs are doubled. Then a long side above 1800 is scaled down to 1800; where the long
    side is below 800, the short side is scaled up to 800 (that branch crashed in the release).
    The enlargement ends where the long side reaches 1800, which only matters for pictures more
    than 2.25 times as long as wide.

    Rounding: each scaling gives the side it is about exactly, and the other side as the exact
    quotient rounded to the nearest integer, halves upward, at least 1.

    Args:
        width: px, at least 1.
        height: px, at least 1.
        kind: photographs are doubled, paintings are not.

    Returns:
        (width, height) in px.
    """
    if kind == "photograph":
        width, height = PHOTOGRAPH_ENLARGEMENT * width, PHOTOGRAPH_ENLARGEMENT * height
    long, short = max(width, height), min(width, height)
    if long > LONG_SIDE_LIMIT:
        return _scaled(width, height, LONG_SIDE_LIMIT, long)
    if long < LONG_SIDE_WANTED:
        if long * LONG_SIDE_WANTED > short * LONG_SIDE_LIMIT:
            return _scaled(width, height, LONG_SIDE_LIMIT, long)
        return _scaled(width, height, LONG_SIDE_WANTED, short)
    return width, height


def _scaled(width: int, height: int, wanted: int, side: int) -> tuple[int, int]:
    """Both sides times wanted / side, rounded half up in integers, at least 1."""
    return (
        max(1, (2 * width * wanted + side) // (2 * side)),
        max(1, (2 * height * wanted + side) // (2 * side)),
    )


def size_for_training(
    picture: NDArray[np.uint8], kind: Kind, scale: float = 1.0
) -> NDArray[np.uint8]:
    """Scales a picture bilinearly to its `training_size` times `scale`.

    Pillow's bilinear filter, as the release's: it averages where it shrinks, while OpenCV's picks
    single pixels and so makes false texture, which is what a style is learned from. Doubling and
    shrinking are one scaling, since a doubled 400 megapixel photograph fits in no memory.

    Args:
        picture: [H, W, 3], 0 to 255.
        kind: see `training_size`.
        scale: above 0; the release has 1.

    Returns:
        [H', W', 3], 0 to 255; `picture` itself if it has that size already.
    """
    height, width = picture.shape[:2]
    wanted = training_size(width, height, kind)
    size = (max(1, round(scale * wanted[0])), max(1, round(scale * wanted[1])))
    if size == (width, height):
        return picture
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))
