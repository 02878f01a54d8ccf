"""Where a training crop lies in its picture: all geometric steps of the augmentation as one map.

Coordinates are continuous: (0, 0) is the outer corner of the first pixel, (width, height) that of
the last one, so that a pixel's middle lies at its index + 0.5. Points are (x, y).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PADDING = 4  # a picture is padded by a fourth of each side before it is turned


def crop_to_picture(
    width: int,
    height: int,
    image_size: int,
    *,
    scale: tuple[float, float] = (1.0, 1.0),
    angle: float = 0.0,
    corner_shifts: Sequence[float] = (0.0,) * 6,
    position: tuple[float, float] = (0.0, 0.0),
    stretch: bool = False,
) -> NDArray[np.float64]:
    """Computes the map from a crop's coordinates to those of the picture it is sampled from.

    The picture is scaled, padded by reflection, turned about its middle, warped by the affine map
    that moves the corners (0, 0), (0, 1), (1, 0) of the padded picture's unit square, unpadded,
    enlarged if it is smaller than the crop (or else the crop stretched), and cut
    (REFERENCE 4, steps 1 to 3).

    Args:
        width: of the picture, px.
        height: of the picture, px.
        image_size: the crop's side, px.
        scale: factors of width and height.
        angle: degrees, counterclockwise.
        corner_shifts: (dx, dy) of each of the three corners, in sides of the padded picture.
        position: where the crop lies within the room that it has in x and y, each in [0, 1).
        stretch: a picture smaller than the crop gives a smaller crop, which is stretched to the
            square; otherwise the picture is enlarged until both sides reach `image_size`.

    Returns:
        float64 [2, 3], maps (x, y, 1) of the crop to (x, y) of the picture.
    """
    scaled_width, scaled_height = scaled_size(width, height, scale)
    pad_x, pad_y = scaled_width // PADDING, scaled_height // PADDING
    padded_width, padded_height = scaled_width + 2 * pad_x, scaled_height + 2 * pad_y
    forward = _scaling(scaled_width / width, scaled_height / height)
    forward = _shift(pad_x, pad_y) @ forward
    forward = _turn(angle, padded_width / 2, padded_height / 2) @ forward
    forward = _warp(corner_shifts, padded_width, padded_height) @ forward
    forward = _shift(-pad_x, -pad_y) @ forward

    cut_width, cut_height = scaled_width, scaled_height
    if not stretch and min(scaled_width, scaled_height) < image_size:
        enlargement = image_size / min(scaled_width, scaled_height)
        cut_width = max(image_size, round(scaled_width * enlargement))
        cut_height = max(image_size, round(scaled_height * enlargement))
        forward = _scaling(cut_width / scaled_width, cut_height / scaled_height) @ forward
    crop_width, crop_height = min(image_size, cut_width), min(image_size, cut_height)
    left = math.floor(position[0] * (cut_width - crop_width + 1))
    top = math.floor(position[1] * (cut_height - crop_height + 1))
    forward = _shift(-left, -top) @ forward
    forward = _scaling(image_size / crop_width, image_size / crop_height) @ forward
    return np.asarray(np.linalg.inv(forward)[:2])


def scaled_size(width: int, height: int, scale: tuple[float, float]) -> tuple[int, int]:
    """The size after step 1, rounded to the nearest integer, at least 1."""
    return max(1, round(width * scale[0])), max(1, round(height * scale[1]))


def _shift(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _scaling(x: float, y: float) -> NDArray[np.float64]:
    return np.diag([x, y, 1.0])


def _turn(angle: float, x: float, y: float) -> NDArray[np.float64]:
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    # y points downward, so counterclockwise is the transposed matrix of the textbooks
    turn = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return _product(_shift(x, y), turn, _shift(-x, -y))


def _warp(corner_shifts: Sequence[float], width: float, height: float) -> NDArray[np.float64]:
    origin_x, origin_y, bottom_x, bottom_y, right_x, right_y = corner_shifts
    unit = np.array(
        [
            [1.0 + right_x - origin_x, bottom_x - origin_x, origin_x],
            [right_y - origin_y, 1.0 + bottom_y - origin_y, origin_y],
            [0.0, 0.0, 1.0],
        ]
    )
    return _product(_scaling(width, height), unit, _scaling(1 / width, 1 / height))


def _product(*maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The map that applies the last one first."""
    return np.asarray(np.linalg.multi_dot(maps), np.float64)
