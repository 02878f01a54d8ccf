"""What a picture file holds: frames with color and opacity, and what is said about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame; a still picture has exactly one.

    Attributes:
        color: upright sRGB, uint8 [H, W, 3]; below a transparent place it is what the file has.
        alpha: opacity, uint8 [H, W], 255 is opaque; None where the file says nothing of it.
        milliseconds: how long an animation shows it.
    """

    color: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    milliseconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture file in memory.

    Attributes:
        frames: at least one; all of one size.
        format: how it was stored: JPEG, PNG, WEBP, TIFF, BMP or GIF.
        exif: the EXIF block that its results take along, see `metadata.py`; empty if none.
        loop: how often an animation is shown, 0 for ever; None where the file does not say.
    """

    frames: tuple[Frame, ...]
    format: str
    exif: bytes = b""
    loop: int | None = None

    @property
    def height(self) -> int:
        """In pixels, upright."""
        return int(self.frames[0].color.shape[0])

    @property
    def width(self) -> int:
        """In pixels, upright."""
        return int(self.frames[0].color.shape[1])
