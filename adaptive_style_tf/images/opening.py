"""Opening picture files by their content, within limits, with every failure told in one sentence.

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
from typing import IO

from PIL import Image, ImageFile, TiffTags

from adaptive_style_tf.errors import PictureError

MAX_PIXELS = 400_000_000  # refuse what is larger before decoding it: 1.2 GB as an array
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")  # Pillow's names

# What Pillow's plugins were seen to raise on damaged files.
DECODER_ERRORS = (
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

_PREFIX = 16  # bytes that tell one format from another


@contextmanager
def opened(source: str | Path | bytes, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """Opens a picture's header; turns every failure, in the body too, into a PictureError.

    Args:
        source: a file, or the content of one that came through standard input.
        max_pixels: limit of width * height, checked before the pixels are decoded.

    Raises:
        PictureError: the file is missing, empty, no such picture, damaged, truncated, or too large.
    """
    name = name_of(source)
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            prefix = file.read(_PREFIX)
            if not prefix:
                raise PictureError(f"{name} is empty (0 bytes); replace or remove it.")
            file.seek(0)
            with quiet_pillow():
                picture = _parse_header(file, prefix, name)
            width, height = picture.size
            if width * height > max_pixels:
                raise PictureError(
                    f"{name} has {width} x {height} pixels, more than the limit of {max_pixels:,}; "
                    "scale it down or raise the limit (--max-pixels)."
                )
            yield picture
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError(
            f"{name} does not fit into this machine's memory; scale it down."
        ) from error
    except DECODER_ERRORS as error:
        if (
            isinstance(error, OSError) and error.strerror
        ):  # from the file system, not from a decoder
            raise PictureError(
                f"{name} cannot be read: {error.strerror}; check that it exists and is readable."
            ) from error
        raise PictureError(
            f"{name} is damaged or truncated ({error or type(error).__name__}); "
            "replace or remove it."
        ) from error


def picture_format(path: Path) -> str | None:
    """The format that a file's first bytes show, one of `FORMATS`; None if it is no picture.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return _format_of(file.read(_PREFIX))


def name_of(source: str | Path | bytes) -> str:
    """What messages call a source."""
    return "standard input" if isinstance(source, bytes) else str(source)


def _format_of(prefix: bytes) -> str | None:
    Image.init()
    for name in FORMATS:
        _, accept = Image.OPEN[name]
        if accept is not None and accept(prefix) is True:
            return name
    return None


def _parse_header(file: IO[bytes], prefix: bytes, name: str) -> ImageFile.ImageFile:
    found = _format_of(prefix)
    if found is None:
        raise PictureError(
            f"{name} is no JPEG, PNG, WebP, TIFF, BMP or GIF picture (it begins with "
            f"{prefix[:8]!r}); convert, replace or remove it."
        )
    factory, _ = Image.OPEN[found]
    picture = factory(file, name)
    if picture.format == "TIFF":
        _read_tiff_metadata(picture)
    return picture


def _read_tiff_metadata(picture: ImageFile.ImageFile) -> None:
    """Fills Pillow's cache of EXIF entries now, so that it cannot warn of them while it loads."""
    exif = picture.getexif()
    for group in TiffTags.TAGS_V2_GROUPS:
        if group in exif:
            exif.get_ifd(group)


_warning_filters = threading.Lock()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Drops Pillow's remarks about sloppy metadata.

    Python's filters belong to the whole process, hence the lock.
    """
    with _warning_filters, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield
