"""Writing picture files so that a target is either whole or not there at all."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adaptive_style_tf.errors import PictureError

JPEG_QUALITY = 95

# Pillow's format and how it is written, by lower-case suffix.
_JPEG: tuple[str, dict[str, Any]] = (
    "JPEG",
    # Full color resolution: the usual halving smears saturated brush strokes.
    {"quality": JPEG_QUALITY, "subsampling": "4:4:4"},
)
_TIFF: tuple[str, dict[str, Any]] = ("TIFF", {"compression": "tiff_adobe_deflate"})
_ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": ("PNG", {}),
    ".webp": ("WEBP", {"quality": 95}),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".bmp": ("BMP", {}),
}

WRITABLE_SUFFIXES = tuple(_ENCODERS)  # lower case, with the dot

# Largest side that a format can express, in pixels.
_LARGEST_SIDE = {
    "JPEG": 65_500,  # libjpeg's JPEG_MAX_DIMENSION
    "WEBP": 16_383,  # 14 bits, https://developers.google.com/speed/webp/docs/riff_container
}


def can_write(path: Path) -> bool:
    """Whether the suffix names a format that `write_picture` knows."""
    return path.suffix.lower() in _ENCODERS


def write_picture(path: Path, picture: NDArray[np.uint8], *, overwrite: bool = False) -> None:
    """Writes a picture in the format that the suffix names.

    It is written under a temporary name beside the target and renamed when it is complete. Missing
    parent folders are made.

    Args:
        path: ends in .jpg, .jpeg (quality 95), .png, .webp (quality 95), .tif, .tiff or .bmp.
        picture: sRGB, [H, W, 3], 0 to 255.
        overwrite: whether a file that is there is replaced.

    Raises:
        PictureError: the suffix is unknown, the format cannot hold this size, the file is there
            already, or the file system refuses.
        ValueError: the array is no picture.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            "a picture is uint8 of shape [H, W, 3] and not empty. "
            f"Received: dtype={picture.dtype}, shape={picture.shape}"
        )
    if not can_write(path):
        raise PictureError(
            f"{path} does not say which format is meant; "
            f"let its name end in one of {', '.join(WRITABLE_SUFFIXES)}."
        )
    format_name, options = _ENCODERS[path.suffix.lower()]
    height, width = picture.shape[:2]
    largest = _LARGEST_SIDE.get(format_name)
    if largest is not None and max(height, width) > largest:
        raise PictureError(
            f"{path} would have {width} x {height} pixels, but {format_name} ends at {largest} "
            "a side; write .png or .tif."
        )
    _refuse_existing(path, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _renamed_when_complete(path, overwrite) as partial:
            Image.fromarray(np.ascontiguousarray(picture)).save(partial, format_name, **options)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written: {error.strerror or error}; see to space and permissions."
        ) from error


@contextmanager
def _renamed_when_complete(path: Path, overwrite: bool) -> Iterator[Path]:
    # The suffix of a picture is kept off the temporary name: nobody collects it by accident.
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
        _refuse_existing(path, overwrite)  # again: another process may have been faster
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise PictureError(f"{path} is a folder; choose another name.")
    if path.exists() and not overwrite:
        raise PictureError(f"{path} exists already; choose another name or pass --overwrite.")
