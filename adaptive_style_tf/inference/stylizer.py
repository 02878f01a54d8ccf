"""A trained style, ready for pictures in memory."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.images.encoding import QUALITY
from adaptive_style_tf.images.opening import MAX_PIXELS
from adaptive_style_tf.inference.looks import Look, rounded
from adaptive_style_tf.inference.network import (
    loaded_generator,
    require_picture,
    stylized_levels,
)
from adaptive_style_tf.inference.pictures import stylize_file
from adaptive_style_tf.inference.steady import SteadyStylizer
from adaptive_style_tf.inference.video import Progress, VideoOptions, VideoReport, stylize_video
from adaptive_style_tf.styles import Style, find_style


class Stylizer:
    """Turns photographs into stylized pictures of the same size.

    Args:
        generator: from [N, H, W, 3] in [-1, 1] to the same, with its weights.
        style: where the weights came from.
    """

    def __init__(self, generator: Any, style: Style) -> None:
        self.style = style
        self._generator = generator

    @classmethod
    def load(cls, style: Style | str | Path = "paul-cezanne") -> Self:
        """Reads a style.

        Args:
            style: an opened style, the folder of one, or a name such as `cezanne`.

        Raises:
            UsageError: no style, or more than one, has this name.
            StyleError: the style is damaged.
        """
        found = style if isinstance(style, Style) else find_style(style)
        return cls(loaded_generator(found), found)

    def image(self, photograph: NDArray[np.uint8], look: Look | None = None) -> NDArray[np.uint8]:
        """Stylizes one picture.

        Args:
            photograph: sRGB, [H, W, 3], 0 to 255; any size from 1 x 1.
            look: strength, colors and scale; None is the style as it is.

        Returns:
            The stylized picture, [H, W, 3], 0 to 255; of the photograph's size, unless the look
            changes it.

        Raises:
            ValueError: the array is no picture.
            DeviceMemoryError: the picture is too large for the memory of this machine.
        """
        require_picture(photograph)
        if look is not None:
            return look.apply(self.image, photograph)
        return rounded(stylized_levels(self._generator, photograph, self.style.description.grain))

    def file(
        self,
        source: str | Path,
        target: str | Path,
        *,
        look: Look | None = None,
        overwrite: bool = False,
        quality: int = QUALITY,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        """Stylizes a picture file: every frame, with opacity, date and authors put back.

        Args:
            source: JPEG, PNG, WebP, TIFF, BMP or GIF, told by its content.
            target: its suffix names the format.
            look: strength, colors and scale; None is the style as it is.
            overwrite: whether a target that is there is replaced.
            quality: of JPEG and WebP, 1 to 100.
            max_pixels: limit of the source's pixels, and of those that the network sees.

        Raises:
            PictureError: the source cannot be read, or the target not be written.
            DeviceMemoryError: the picture is too large for the memory of this machine.
        """
        stylize_file(
            source,
            target,
            self.image,
            look or Look(),
            overwrite=overwrite,
            quality=quality,
            max_pixels=max_pixels,
        )

    def video(
        self,
        source: str | Path,
        target: str | Path,
        *,
        look: Look | None = None,
        options: VideoOptions | None = None,
        temporal: bool = False,
        progress: Progress | None = None,
    ) -> VideoReport:
        """Stylizes a video frame by frame; see `stylize_video`.

        Args:
            source: a video, or the pattern of a picture sequence such as `frame_%04d.png`.
            target: a video's name, or such a pattern.
            look: strength, colors and scale of each frame; None is the style as it is.
            options: part, codec, and so on; None takes the defaults.
            temporal: whether frames are those of `SteadyStylizer`, against flicker.
            progress: is called with the frames done and expected.

        Returns:
            What came out, and whether Ctrl-C ended it early.

        Raises:
            AdaptiveStyleError: as `stylize_video`.
        """
        frames = SteadyStylizer.load(self.style).image if temporal else self.image
        stylize = (look or Look()).of(frames)
        return stylize_video(source, target, stylize, options=options, progress=progress)
