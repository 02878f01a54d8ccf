"""One picture file in, one out: every frame, with opacity and notes put back."""

from pathlib import Path

from adaptive_style_tf.errors import DeviceMemoryError, PictureError
from adaptive_style_tf.images.decoding import read_whole_picture
from adaptive_style_tf.images.encoding import QUALITY, write_whole_picture
from adaptive_style_tf.images.opening import MAX_PIXELS, name_of
from adaptive_style_tf.images.picture import Frame, Picture
from adaptive_style_tf.images.resizing import resized
from adaptive_style_tf.inference.looks import Look, Stylize


def stylize_file(
    source: str | Path | bytes,
    target: str | Path,
    stylize: Stylize,
    look: Look,
    *,
    overwrite: bool = False,
    quality: int = QUALITY,
    max_pixels: int = MAX_PIXELS,
) -> None:
    """Stylizes a picture file, or the content of one.

    Args:
        source: see `read_whole_picture`.
        target: its suffix names the format.
        stylize: the style.
        look: what is done around it.
        overwrite: whether a target that is there is replaced.
        quality: of JPEG and WebP, 1 to 100.
        max_pixels: limit of the source's pixels, and of those that the network sees.

    Raises:
        PictureError: the source cannot be read, or the target not be written.
        DeviceMemoryError: the picture is too large for this machine.
    """
    picture = read_whole_picture(source, max_pixels)
    refuse_enlarged(name_of(source), picture, look, max_pixels)
    stylized = stylized_picture(picture, stylize, look)
    write_whole_picture(target, stylized, overwrite=overwrite, quality=quality)


def stylized_picture(picture: Picture, stylize: Stylize, look: Look) -> Picture:
    """The stylized picture in memory; opacity is scaled along where the look changes the size.

    Raises:
        DeviceMemoryError: the picture is too large for this machine.
    """
    size = look.result_size(picture.height, picture.width)
    try:
        frames = tuple(
            Frame(
                look.apply(stylize, frame.color),
                None if frame.alpha is None else resized(frame.alpha, *size),
                frame.milliseconds,
            )
            for frame in picture.frames
        )
    except MemoryError as error:
        raise DeviceMemoryError(
            f"A picture of {picture.width} x {picture.height} pixels and its result do not fit "
            "into this machine's memory; scale it down (--image-size)."
        ) from error
    return Picture(frames, picture.format, picture.exif, picture.loop)


def refuse_enlarged(name: str, picture: Picture, look: Look, max_pixels: int) -> None:
    """Refuses what would only become too large by being scaled, such as a line of one pixel.

    Raises:
        PictureError: the network would see more than `max_pixels`.
    """
    height, width = look.seen_size(picture.height, picture.width)
    if height * width > max_pixels and height > picture.height:
        raise PictureError(
            f"{name} has {picture.width} x {picture.height} pixels and would be enlarged to "
            f"{width} x {height}, more than the limit of {max_pixels:,}; choose a smaller "
            "--image-size or raise the limit (--max-pixels)."
        )
