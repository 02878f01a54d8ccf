"""Reading picture files into sRGB arrays, whatever their format, depth or color space."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.metadata import kept_exif
from adaptive_style_tf.images.opening import (
    DECODER_ERRORS,
    MAX_PIXELS,
    name_of,
    opened,
    quiet_pillow,
)
from adaptive_style_tf.images.picture import Frame, Picture
from adaptive_style_tf.images.srgb import srgb_and_alpha

# Transposition that undoes each EXIF orientation (EXIF 2.32, tag 0x0112).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_ANIMATED = ("GIF", "PNG", "WEBP")  # the further pages of a TIFF are no animation


def read_picture(path: str | Path, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Reads a JPEG, PNG, WebP, TIFF, BMP or GIF file (first frame) as upright sRGB.

    Palettes, gray, CMYK and 16-bit samples are converted (the whole 16-bit range becomes 0 to
    255), transparency is laid over white, the EXIF orientation is applied, an embedded ICC profile
    is converted to sRGB. A profile that cannot be used is left aside, as browsers do.

    Args:
        path: the file; the format is told by its content, not by its name.
        max_pixels: limit of width * height, checked before the pixels are decoded.

    Returns:
        [H, W, 3], 0 to 255, writable.

    Raises:
        PictureError: the file is missing, empty, no such picture, damaged, truncated, or too large.
    """
    with opened(path, max_pixels) as picture:
        picture.load()
        color, alpha, orientation = _current_frame(picture, path)
        if alpha is not None:
            color = Image.composite(color, Image.new("RGB", color.size, "white"), alpha)
        return np.array(_upright(color, orientation))


def read_whole_picture(source: str | Path | bytes, max_pixels: int = MAX_PIXELS) -> Picture:
    """Reads all that a picture file holds: every frame of an animation, opacity, notes.

    Colors are converted as by `read_picture`, but opacity is kept apart.

    Args:
        source: a file, or the content of one.
        max_pixels: limit of width * height, of all frames together.

    Raises:
        PictureError: as `read_picture`.
    """
    with opened(source, max_pixels) as picture:
        count = getattr(picture, "n_frames", 1) if picture.format in _ANIMATED else 1
        if count * picture.width * picture.height > max_pixels:
            raise PictureError(
                f"{name_of(source)} has {count} frames of {picture.width} x {picture.height} "
                f"pixels, more than the limit of {max_pixels:,} together; make a video of it or "
                "raise the limit (--max-pixels)."
            )
        frames = tuple(_frames(picture, source, count))
        loop = picture.info.get("loop")
        # MPO is what Pillow calls a JPEG with further pictures behind it, as many cameras write.
        format_name = "JPEG" if picture.format == "MPO" else str(picture.format)
        return Picture(frames, format_name, _notes(picture), loop)


def read_picture_size(path: str | Path, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Reads (width, height) of the upright picture from the header alone.

    Raises:
        PictureError: as `read_picture`, except that damage behind the header is not seen.
    """
    with opened(path, max_pixels) as picture:
        width, height = picture.size
        with quiet_pillow():
            header_has_exif = picture.format != "PNG" or "exif" in picture.info
            orientation = _orientation(picture) if header_has_exif else 1
        turned = orientation >= 5 and picture.format != "TIFF"  # Pillow turns a TIFF's size itself
        return (height, width) if turned else (width, height)


def _frames(
    picture: ImageFile.ImageFile, source: str | Path | bytes, count: int
) -> Iterator[Frame]:
    # An APNG may begin with a picture that is only for programs which cannot show animations.
    first = 1 if count > 1 and getattr(picture, "default_image", False) else 0
    for index in range(first, count):
        if count > 1:
            picture.seek(index)
        picture.load()
        color, alpha, orientation = _current_frame(picture, source)
        yield Frame(
            np.array(_upright(color, orientation)),
            None if alpha is None else np.array(_upright(alpha, orientation)),
            float(picture.info.get("duration") or 0.0),
        )


def _current_frame(
    picture: ImageFile.ImageFile, source: str | Path | bytes
) -> tuple[Image.Image, Image.Image | None, int]:
    with quiet_pillow():  # after loading: PNG may have its EXIF behind the pixels, and a TIFF
        orientation = _orientation(picture)  # is turned upright by Pillow while it loads
    return *srgb_and_alpha(picture, name_of(source)), orientation


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) where the EXIF block is missing or cannot be parsed."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:  # a broken note beside good pixels is no reason to refuse the picture
        return 1
    return value if isinstance(value, int) else 1


def _notes(picture: Image.Image) -> bytes:
    try:
        with quiet_pillow():
            return kept_exif(picture.getexif())
    except DECODER_ERRORS:  # as above
        return b""
