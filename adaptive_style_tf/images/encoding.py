"""Writing picture files so that a target is either whole or not there at all."""

import io
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.metadata import tiff_tags
from adaptive_style_tf.images.picture import Frame, Picture

QUALITY = 95  # of JPEG and lossy WebP, 1 to 100

# Format by lower-case suffix; the first suffix of a format is its usual one.
_FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
}

WRITABLE_SUFFIXES = tuple(_FORMATS)  # lower case, with the dot

_WITH_ALPHA = ("PNG", "WEBP", "TIFF", "GIF")

# Formats that hold animations, and how long one can show a frame, in milliseconds.
_LONGEST_FRAME = {
    "GIF": 655_350,  # 16 bits, hundredths of a second
    "WEBP": (1 << 24) - 1,
    "PNG": 65_535,  # 16 bits, as Pillow writes them
}
_MOST_LOOPS = 65_535  # of GIF and WebP

# Largest side that a format can express, in pixels.
_LARGEST_SIDE = {
    "JPEG": 65_500,  # libjpeg's JPEG_MAX_DIMENSION
    "WEBP": 16_383,  # 14 bits, https://developers.google.com/speed/webp/docs/riff_container
    "GIF": 65_535,  # 16 bits, GIF89a specification, section 18
}


def can_write(path: Path) -> bool:
    """Whether the suffix names a format that pictures are written in."""
    return path.suffix.lower() in _FORMATS


def usual_suffix(format_name: str) -> str:
    """The usual suffix of a format such as `JPEG`, with the dot."""
    return next(suffix for suffix, name in _FORMATS.items() if name == format_name)


def format_of_suffix(path: Path) -> str | None:
    """The format that a path's suffix names, such as `JPEG`; None where it names none."""
    return _FORMATS.get(path.suffix.lower())


def write_picture(
    path: str | Path, picture: NDArray[np.uint8], *, overwrite: bool = False, quality: int = QUALITY
) -> None:
    """Writes a picture in the format that the suffix names.

    It is written under a temporary name beside the target and renamed when it is complete. Missing
    parent folders are made.

    Args:
        path: ends in .jpg, .jpeg, .png, .webp, .tif, .tiff, .bmp or .gif.
        picture: sRGB, [H, W, 3], 0 to 255.
        overwrite: whether a file that is there is replaced.
        quality: of JPEG and WebP, 1 to 100.

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
    write_whole_picture(path, Picture((Frame(picture),), ""), overwrite=overwrite, quality=quality)


def write_whole_picture(
    path: str | Path, picture: Picture, *, overwrite: bool = False, quality: int = QUALITY
) -> None:
    """Writes a picture with its opacity, frames and notes, as `write_picture` does.

    Where the format knows no opacity, the picture is laid over white. BMP and GIF hold no notes.

    Raises:
        PictureError: as `write_picture`; or the picture is animated and the format is not.
    """
    path = Path(path)
    format_name = format_of_suffix(path)
    if format_name is None:
        raise PictureError(
            f"{path} does not say which format is meant; "
            f"let its name end in one of {', '.join(WRITABLE_SUFFIXES)}."
        )
    _refuse_unfit(str(path), picture, format_name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with renamed_when_complete(path, lambda: refuse_existing(path, overwrite)) as partial:
            _save(partial, picture, format_name, quality)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written: {error.strerror or error}; see to space and permissions."
        ) from error


def encode_picture(picture: Picture, format_name: str, quality: int = QUALITY) -> bytes:
    """A picture file's content, for standard output.

    Args:
        picture: as for `write_whole_picture`.
        format_name: JPEG, PNG, WEBP, TIFF, BMP or GIF.
        quality: of JPEG and WebP, 1 to 100.

    Raises:
        PictureError: the format cannot hold this picture.
    """
    _refuse_unfit("The result", picture, format_name)
    content = io.BytesIO()
    _save(content, picture, format_name, quality)
    return content.getvalue()


@contextmanager
def renamed_when_complete(
    path: Path, refuse: Callable[[], None], suffix: str = ".partial"
) -> Iterator[Path]:
    """A temporary name beside `path`, which becomes `path` when the block ends well.

    Args:
        path: of the file; its folder exists.
        refuse: raises where something is in the way, at the beginning and at the end.
        suffix: of the temporary name.
    """
    refuse()
    # Not the picture's suffix: nobody shall collect it by accident. Not its name: that may be as
    # long as the file system allows.
    partial = path.with_name(f".{uuid.uuid4().hex[:16]}{suffix}")
    try:
        yield partial
        refuse()  # again: another process may have been faster
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raises a PictureError where something is in the way of a new file."""
    if path.is_dir():
        raise PictureError(f"{path} is a folder; choose another name.")
    if os.path.lexists(path) and not overwrite:
        raise PictureError(f"{path} exists already; choose another name or pass --overwrite.")


def _refuse_unfit(name: str, picture: Picture, format_name: str) -> None:
    largest = _LARGEST_SIDE.get(format_name)
    if largest is not None and max(picture.height, picture.width) > largest:
        raise PictureError(
            f"{name} would have {picture.width} x {picture.height} pixels, but {format_name} ends "
            f"at {largest} a side; write .png or .tif."
        )
    if len(picture.frames) > 1 and format_name not in _LONGEST_FRAME:
        raise PictureError(
            f"{name} would have {len(picture.frames)} frames, but {format_name} holds one; "
            "write .gif, .webp or .png."
        )


def _save(target: Path | IO[bytes], picture: Picture, format_name: str, quality: int) -> None:
    first, *rest = (_image(frame, format_name) for frame in picture.frames)
    options = _options(format_name, quality)
    if picture.exif and format_name == "TIFF":
        options["tiffinfo"] = tiff_tags(picture.exif)
    elif picture.exif and format_name not in ("BMP", "GIF"):
        options["exif"] = picture.exif
    if rest:
        options |= {
            "save_all": True,
            "append_images": rest,
            "duration": [
                min(round(frame.milliseconds), _LONGEST_FRAME[format_name])
                for frame in picture.frames
            ],
        }
        if picture.loop is not None:
            options["loop"] = min(picture.loop, _MOST_LOOPS)
        if format_name == "GIF" and first.mode == "RGBA":
            options["disposal"] = 2  # else the frame before shows through
    first.save(target, format_name, **options)


def _image(frame: Frame, format_name: str) -> Image.Image:
    color = Image.fromarray(np.ascontiguousarray(frame.color))
    if frame.alpha is None:
        return color
    alpha = Image.fromarray(np.ascontiguousarray(frame.alpha))
    if format_name in _WITH_ALPHA:
        color.putalpha(alpha)
        return color
    return Image.composite(color, Image.new("RGB", color.size, "white"), alpha)


def _options(format_name: str, quality: int) -> dict[str, Any]:
    if format_name == "JPEG":
        # Full color resolution: the usual halving smears saturated brush strokes.
        return {"quality": quality, "subsampling": "4:4:4"}
    if format_name == "WEBP":
        return {"quality": quality}
    if format_name == "TIFF":
        return {"compression": "tiff_adobe_deflate"}
    return {}
