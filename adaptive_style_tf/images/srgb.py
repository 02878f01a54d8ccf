"""From the samples of a file to 8-bit sRGB and opacity, whatever their depth and color space."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageFile

from adaptive_style_tf.errors import PictureError

_SRGB_NAMES = ("sRGB", "sRGB built-in", "c2")  # c2: the shortened sRGB profile of large web sites


def srgb_and_alpha(
    picture: ImageFile.ImageFile, name: str
) -> tuple[Image.Image, Image.Image | None]:
    """Converts the current frame of an opened picture to RGB in sRGB, and its opacity (L).

    An embedded ICC profile is converted to sRGB; one that cannot be used is left aside, as
    browsers do.

    Args:
        picture: its pixels may be loaded or not.
        name: what messages call it.

    Returns:
        The color, and the opacity or None where all is opaque by its mode.

    Raises:
        PictureError: the samples have no defined black and white.
    """
    color, alpha = _color_and_alpha(picture, name)
    icc_profile = picture.info.get("icc_profile")
    return (_apply_profile(color, icc_profile) if icc_profile else color.convert("RGB")), alpha


def _color_and_alpha(
    picture: ImageFile.ImageFile, name: str
) -> tuple[Image.Image, Image.Image | None]:
    """Splits into 8-bit color (L, RGB or CMYK, as an ICC profile expects it) and opacity (L)."""
    mode, transparent = picture.mode, picture.info.get("transparency")
    if mode.startswith("I;16") or (mode == "I" and picture.format == "PNG"):
        return _deep_gray(picture, transparent)
    if mode in ("LA", "La"):
        gray = picture.convert("LA")
        return gray.getchannel("L"), gray.getchannel("A")
    if mode in ("RGBA", "RGBa", "PA") or (
        transparent is not None and mode in ("1", "L", "P", "RGB")
    ):
        if isinstance(transparent, tuple) and max(transparent) > 255:
            # a 16-bit PNG: Pillow takes its samples' high bytes, but not its transparent color's
            picture.info["transparency"] = tuple(value >> 8 for value in transparent)
        rgba = picture.convert("RGBA")
        return rgba.convert("RGB"), rgba.getchannel("A")
    if mode in ("1", "L"):
        return picture.convert("L"), None
    if mode in ("P", "RGB", "RGBX", "YCbCr"):
        return picture.convert("RGB"), None
    if mode == "CMYK":
        return picture, None
    raise PictureError(
        f"{name} has {mode} samples, which have no defined black and white; "
        "save it with 8 or 16 bits a channel."
    )


def _deep_gray(
    picture: ImageFile.ImageFile, transparent: object
) -> tuple[Image.Image, Image.Image | None]:
    """Scales gray samples of more than 8 bits to 0 to 255; Pillow's own conversion clips them."""
    samples = np.asarray(picture).astype(np.uint32)
    brightest = 65535
    inverted = False
    if picture.format == "TIFF":
        tags = picture.tag_v2  # type: ignore[attr-defined]
        brightest = 2 ** tags.get(258, (16,))[0] - 1  # BitsPerSample
        inverted = tags.get(262) == 0  # PhotometricInterpretation: WhiteIsZero
    gray = ((samples * 255 + brightest // 2) // brightest).astype(np.uint8)
    if inverted:
        gray = 255 - gray
    alpha = None
    if isinstance(transparent, int):
        alpha = Image.fromarray(np.where(samples == transparent, 0, 255).astype(np.uint8))
    return Image.fromarray(gray), alpha


def _apply_profile(color: Image.Image, icc_profile: bytes) -> Image.Image:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        name = ImageCms.getProfileDescription(profile).strip()
        if color.mode == "RGB" and (name in _SRGB_NAMES or name.startswith("sRGB IEC61966-2")):
            return color
        converted = ImageCms.profileToProfile(
            color, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (
        ImageCms.PyCMSError,
        OSError,
    ):  # damaged, or made for another color space than the pixels'
        return color.convert("RGB")
    assert converted is not None  # None only for in-place conversion
    return converted
