"""The color of one picture with the lightness of another, in CIELAB (D65).

Constants are those of OpenCV's conversion to Lab
(https://docs.opencv.org/4.x/de/d25/imgproc_color_conversions.html), which is used forwards. The way
back is written out here, because OpenCV's cuts off each channel by itself where a color is outside
sRGB, which changes lightness and hue.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_WHITE = np.array([0.950456, 1.0, 1.088754], np.float32)  # XYZ of sRGB's white
_XYZ_OF_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_RGB_OF_XYZ = np.linalg.inv(_XYZ_OF_RGB).astype(np.float32)
_STRIP = 1 << 18  # pixels converted at a time, so that the float arrays stay small


def with_color_of(
    colored: NDArray[np.uint8], lightness_from: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Takes L from one picture, a and b from the other.

    Where sRGB has no such color, it is drawn towards the gray of the same luminance until it has:
    lightness stays, saturation gives way.

    Args:
        colored: sRGB, uint8 [H, W, 3]; its color is kept.
        lightness_from: of the same size; its lightness is kept.

    Returns:
        sRGB, uint8 [H, W, 3].

    Raises:
        ValueError: the sizes differ.
    """
    if colored.shape != lightness_from.shape:
        raise ValueError(
            f"Both pictures have one size. Received: {colored.shape}, {lightness_from.shape}"
        )
    result = np.empty_like(colored)
    height, width = colored.shape[:2]
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        strip = slice(top, min(top + rows, height))
        lab = _lab(colored[strip])
        lab[..., 0] = _lab(lightness_from[strip])[..., 0]
        result[strip] = _srgb(_inside_gamut(_linear(lab)))
    return result


def _lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    scaled = picture.astype(np.float32) / 255  # [0, 255] -> [0, 1]
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), np.float32)  # L in [0, 100]


def _linear(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear sRGB light of a Lab picture, white is 1; outside [0, 1] where sRGB has no such."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - 16 / 116) / 7.787) * _WHITE
    return np.asarray(xyz @ _RGB_OF_XYZ.T, np.float32)


def _inside_gamut(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    luminance = linear @ _XYZ_OF_RGB[1].astype(np.float32)
    gray = np.clip(luminance, 0, 1)[..., np.newaxis]
    away = linear - gray
    # How far each channel may go from gray before it meets 0 or 1; 1 where it never does.
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(away > 0, (1 - gray) / away, gray / -away)
    share = np.where(away == 0, 1, np.minimum(room, 1)).min(axis=-1, keepdims=True)
    return np.asarray(gray + share * away, np.float32)


def _srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """IEC 61966-2-1's curve."""
    light = np.clip(linear, 0, 1)
    values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * values), np.uint8)
