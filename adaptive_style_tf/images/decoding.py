"""Reading picture files into sRGB arrays, whatever their format, depth or color space.

Pillow's plugin is called directly instead of `Image.open`, because that checks sizes against a
limit which is global to the process; ours is an argument.
"""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile, TiffTags

from adaptive_style_tf.errors import PictureError

MAX_PIXELS = 400_000_000  # refuse what is larger before decoding it: 1.2 GB as an array
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")

# What Pillow's plugins were seen to raise on damaged files.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    AssertionError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

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

_SRGB_NAMES = ("sRGB", "sRGB built-in", "c2")  # c2: the shortened sRGB profile of large web sites


def read_picture(path: Path, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Read a JPEG, PNG, WebP, TIFF, BMP or GIF file (first frame) as upright sRGB.

    Palettes, grey, CMYK and 16-bit samples are converted (the whole 16-bit range becomes 0 to
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
    with _opened(path, max_pixels) as picture:
        picture.load()
        with _quiet_pillow():  # after loading: PNG may have its EXIF behind the pixels, and a TIFF
            orientation = _orientation(picture)  # is turned upright by Pillow while it loads
        upright = _srgb(picture, path)
        if orientation in _UPRIGHT:
            upright = upright.transpose(_UPRIGHT[orientation])
        return np.array(upright)


def read_picture_size(path: Path, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Read (width, height) of the upright picture from the header alone.

    Raises:
        PictureError: as `read_picture`, except that damage behind the header is not seen.
    """
    with _opened(path, max_pixels) as picture:
        width, height = picture.size
        with _quiet_pillow():
            header_has_exif = picture.format != "PNG" or "exif" in picture.info
            orientation = _orientation(picture) if header_has_exif else 1
        turned = orientation >= 5 and picture.format != "TIFF"  # Pillow turns a TIFF's size itself
        return (height, width) if turned else (width, height)


@contextmanager
def _opened(path: Path, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """Open a file's header; turn every failure, in the body too, into a PictureError."""
    try:
        with path.open("rb") as file:
            prefix = file.read(16)
            if not prefix:
                raise PictureError(f"{path} is empty (0 bytes); replace or remove it.")
            file.seek(0)
            with _quiet_pillow():
                picture = _parse_header(file, prefix, path)
            width, height = picture.size
            if width * height > max_pixels:
                raise PictureError(
                    f"{path} has {width} x {height} pixels, more than the limit of {max_pixels:,}; "
                    "scale it down or raise the limit (--max-pixels)."
                )
            yield picture
    except PictureError:
        raise
    except _DECODER_ERRORS as error:
        if (
            isinstance(error, OSError) and error.strerror
        ):  # from the file system, not from a decoder
            raise PictureError(
                f"{path} cannot be read: {error.strerror}; check that it exists and is readable."
            ) from error
        raise PictureError(
            f"{path} is damaged or truncated ({error or type(error).__name__}); "
            "replace or remove it."
        ) from error


def _parse_header(file: io.BufferedReader, prefix: bytes, path: Path) -> ImageFile.ImageFile:
    Image.init()
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is not None and accept(prefix) is True:
            picture = factory(file, str(path))
            if picture.format == "TIFF":
                _read_tiff_metadata(picture)
            return picture
    raise PictureError(
        f"{path} is no JPEG, PNG, WebP, TIFF, BMP or GIF picture (it begins with {prefix[:8]!r}); "
        "convert, replace or remove it."
    )


def _read_tiff_metadata(picture: ImageFile.ImageFile) -> None:
    """Fill Pillow's cache of EXIF entries now, so that it cannot warn about them while it loads."""
    exif = picture.getexif()
    for group in TiffTags.TAGS_V2_GROUPS:
        if group in exif:
            exif.get_ifd(group)


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) where the EXIF block is missing or cannot be parsed."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except (
        _DECODER_ERRORS
    ):  # the pixels are good, a broken note beside them is no reason to refuse the picture
        return 1
    return value if isinstance(value, int) else 1


def _srgb(picture: ImageFile.ImageFile, path: Path) -> Image.Image:
    color, alpha = _color_and_alpha(picture, path)
    icc_profile = picture.info.get("icc_profile")
    color = _apply_profile(color, icc_profile) if icc_profile else color.convert("RGB")
    if alpha is None:
        return color
    return Image.composite(color, Image.new("RGB", color.size, "white"), alpha)


def _color_and_alpha(
    picture: ImageFile.ImageFile, path: Path
) -> tuple[Image.Image, Image.Image | None]:
    """Split into 8-bit color (L, RGB or CMYK, as an ICC profile expects it) and opacity (L)."""
    mode, transparent = picture.mode, picture.info.get("transparency")
    if mode.startswith("I;16") or (mode == "I" and picture.format == "PNG"):
        return _deep_grey(picture, transparent)
    if mode in ("LA", "La"):
        grey = picture.convert("LA")
        return grey.getchannel("L"), grey.getchannel("A")
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
        f"{path} has {mode} samples, which have no defined black and white; "
        "save it with 8 or 16 bits a channel."
    )


def _deep_grey(
    picture: ImageFile.ImageFile, transparent: object
) -> tuple[Image.Image, Image.Image | None]:
    """Scale grey samples of more than 8 bits to 0 to 255; Pillow's own conversion clips them."""
    samples = np.asarray(picture).astype(np.uint32)
    brightest = 65535
    inverted = False
    if picture.format == "TIFF":
        tags = picture.tag_v2  # type: ignore[attr-defined]
        brightest = 2 ** tags.get(258, (16,))[0] - 1  # BitsPerSample
        inverted = tags.get(262) == 0  # PhotometricInterpretation: WhiteIsZero
    grey = ((samples * 255 + brightest // 2) // brightest).astype(np.uint8)
    if inverted:
        grey = 255 - grey
    alpha = None
    if isinstance(transparent, int):
        alpha = Image.fromarray(np.where(samples == transparent, 0, 255).astype(np.uint8))
    return Image.fromarray(grey), alpha


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


_warning_filters = threading.Lock()


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Drop Pillow's remarks about sloppy metadata.

    Python's filters belong to the whole process, hence the lock.
    """
    with _warning_filters, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield
