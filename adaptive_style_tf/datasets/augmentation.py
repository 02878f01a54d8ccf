"""Random variations of training crops (REFERENCE 4): what is drawn, and what it does to a picture.

The release's steps are composed into one map, and only the pixels of the crop are computed: one
interpolation instead of up to four, so crops are sharper and cost the same whatever the picture's
size. Beyond its border a picture continues by reflection without end, while the release's padding
of a quarter could be left by a turn and a warp together.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.datasets.geometry import crop_to_picture, scaled_size

PROBABILITY = 0.5  # of each of: scaling, turning, warping, flipping
SCALE_RANGE = (0.8, 1.2)
SCALE_BUG_FACTOR = 0.8  # the released range had the same lower and upper end
ANGLE_LIMIT = 13.5  # degrees
CORNER_SHIFT_LIMIT = 0.05  # of the padded picture's side
COLOR_SHIFT_LIMIT = 0.05  # of hue (a whole turn is 1), saturation and value
COLOR_GAIN_RANGE = (1 / 1.05, 1.05)  # of saturation and value
COLOR_CLIP = (0.01, 0.99)  # of all three

_DRAWS = 20  # uniform numbers that one sample takes, whatever it makes of them


@dataclass(frozen=True)
class Augmentation:
    """What was drawn for one crop; the defaults change nothing.

    Attributes:
        scale: factors of width and height, or None: not scaled.
        angle: degrees, counterclockwise.
        corner_shifts: (dx, dy) of the corners (0, 0), (0, 1), (1, 0), in sides of the padded
            picture.
        position: of the crop within its room in x and y, each in [0, 1).
        hue_shift: added to hue, a whole turn being 1.
        gains: factors of saturation and value.
        shifts: added to saturation and value after the factors.
        flip: mirrored left to right.
    """

    scale: tuple[float, float] | None = None
    angle: float = 0.0
    corner_shifts: tuple[float, ...] = (0.0,) * 6
    position: tuple[float, float] = (0.0, 0.0)
    hue_shift: float = 0.0
    gains: tuple[float, float] = (1.0, 1.0)
    shifts: tuple[float, float] = (0.0, 0.0)
    flip: bool = False


def draw_augmentation(random: np.random.Generator, scale_bug: bool = False) -> Augmentation:
    """Draws everything random about one crop.

    Always takes the same number of values from `random`, so that one step's outcome never moves
    the others'.

    Args:
        random: source of uniform numbers.
        scale_bug: scale by 0.8 whenever scaling, as the release did, instead of by factors from
            [0.8, 1.2].
    """
    uniform = random.random(_DRAWS)
    scaled, turned, warped, flipped = (bool(value < PROBABILITY) for value in uniform[:4])
    scale = (_between(SCALE_RANGE, uniform[4]), _between(SCALE_RANGE, uniform[5]))
    if scale_bug:
        scale = (SCALE_BUG_FACTOR, SCALE_BUG_FACTOR)
    return Augmentation(
        scale=scale if scaled else None,
        angle=_within(ANGLE_LIMIT, uniform[6]) if turned else 0.0,
        corner_shifts=tuple(
            _within(CORNER_SHIFT_LIMIT, value) if warped else 0.0 for value in uniform[7:13]
        ),
        position=(float(uniform[13]), float(uniform[14])),
        hue_shift=_within(COLOR_SHIFT_LIMIT, uniform[15]),
        gains=(_between(COLOR_GAIN_RANGE, uniform[16]), _between(COLOR_GAIN_RANGE, uniform[17])),
        shifts=(_within(COLOR_SHIFT_LIMIT, uniform[18]), _within(COLOR_SHIFT_LIMIT, uniform[19])),
        flip=flipped,
    )


def augment(
    picture: NDArray[np.uint8],
    augmentation: Augmentation,
    image_size: int,
    stretch_small_crops: bool = False,
) -> NDArray[np.float32]:
    """Cuts an augmented crop out of a picture.

    Args:
        picture: [H, W, 3] RGB, 0 to 255, any size.
        augmentation: what was drawn.
        image_size: the crop's side S, px.
        stretch_small_crops: see `geometry.crop_to_picture`.

    Returns:
        float32 [S, S, 3] in [-1, 1].
    """
    crop = cut_crop(picture, augmentation, image_size, stretch_small_crops)
    if augmentation.flip:
        crop = cv2.flip(crop, 1).astype(np.uint8, copy=False)
    return shift_colors(crop, augmentation.hue_shift, augmentation.gains, augmentation.shifts)


def cut_crop(
    picture: NDArray[np.uint8],
    augmentation: Augmentation,
    image_size: int,
    stretch_small_crops: bool = False,
) -> NDArray[np.uint8]:
    """Steps 1 to 3: scale, turn, warp and cut, sampling the pixels of the crop alone.

    Bicubic where the picture is scaled, bilinear otherwise; a crop that is only cut out is copied.

    Returns:
        uint8 [S, S, 3].
    """
    height, width = picture.shape[:2]
    scale = augmentation.scale or (1.0, 1.0)
    inverse = crop_to_picture(
        width,
        height,
        image_size,
        scale=scale,
        angle=augmentation.angle,
        corner_shifts=augmentation.corner_shifts,
        position=augmentation.position,
        stretch=stretch_small_crops,
    )
    is_cut = np.allclose(inverse[:, :2], np.eye(2), rtol=0, atol=1e-9)
    if is_cut:
        left, top = (round(offset) for offset in inverse[:, 2])
        return picture[top : top + image_size, left : left + image_size]
    # from continuous coordinates to OpenCV's, in which a pixel's middle has its index
    inverse[:, 2] += inverse[:, :2] @ (0.5, 0.5) - 0.5
    is_scaled = scaled_size(width, height, scale) != (width, height)
    interpolation = cv2.INTER_CUBIC if is_scaled else cv2.INTER_LINEAR
    # BORDER_REFLECT repeats the outermost pixel; of a picture one pixel wide, OpenCV 5.0's
    # BORDER_REFLECT_101, which does not, never returns.
    crop = cv2.warpAffine(
        picture,
        inverse,
        (image_size, image_size),
        flags=interpolation | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    return crop.astype(np.uint8, copy=False)


def shift_colors(
    crop: NDArray[np.uint8],
    hue_shift: float,
    gains: tuple[float, float],
    shifts: tuple[float, float],
) -> NDArray[np.float32]:
    """Step 4: move hue, saturation and value, clip each to [0.01, 0.99], and go back to RGB.

    Kept in floating point; the release rounded to 8 bits here.

    Args:
        crop: [H, W, 3] RGB, 0 to 255.
        hue_shift: added to hue, a whole turn being 1.
        gains: factors of saturation and value.
        shifts: added to saturation and value after the factors.

    Returns:
        float32 [H, W, 3] RGB in [-1, 1].
    """
    unit = crop.astype(np.float32) * np.float32(1 / 255)
    hsv = cv2.cvtColor(unit, cv2.COLOR_RGB2HSV).astype(np.float32, copy=False)
    height, width = hsv.shape[:2]
    # OpenCV gives hue in degrees. Rows are treated as long vectors: arithmetic on the last axis of
    # three is ten times slower.
    rows = hsv.reshape(height, 3 * width)
    rows *= _row((1.0, *gains), width)
    rows += _row((360 * hue_shift, *shifts), width)
    low, high = COLOR_CLIP
    np.clip(rows, _row((360 * low, low, low), width), _row((360 * high, high, high), width), rows)
    rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float32, copy=False)  # [0, 1]
    rgb *= np.float32(2)
    rgb -= np.float32(1)  # [-1, 1]
    return rgb


def _row(channels: tuple[float, float, float], width: int) -> NDArray[np.float32]:
    return np.tile(np.asarray(channels, np.float32), width)


def _between(limits: tuple[float, float], uniform: float) -> float:
    return float(limits[0] + (limits[1] - limits[0]) * uniform)


def _within(limit: float, uniform: float) -> float:
    return float(limit * (2 * uniform - 1))
