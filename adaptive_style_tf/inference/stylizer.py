"""A trained style, ready for pictures in memory."""

from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import DeviceMemoryError, StyleError
from adaptive_style_tf.images.encoding import QUALITY
from adaptive_style_tf.images.opening import MAX_PIXELS
from adaptive_style_tf.inference.looks import Look
from adaptive_style_tf.inference.out_of_memory import is_out_of_memory
from adaptive_style_tf.inference.pictures import stylize_file
from adaptive_style_tf.inference.sizes import padding
from adaptive_style_tf.inference.steady import SteadyStylizer
from adaptive_style_tf.inference.video import (
    Progress,
    VideoOptions,
    VideoReport,
    stylize_video,
)
from adaptive_style_tf.models import Generator, assign_weights
from adaptive_style_tf.styles import Style, find_style


class Stylizer:
    """Turns photographs into stylized pictures of the same size.

    Args:
        generator: built, with its weights.
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
        generator = Generator(ngf=found.description.ngf, name="generator")
        generator.build((None, None, None, 3))
        try:
            assign_weights(generator, found.generator_weights())
        except ValueError as error:
            raise StyleError(f"{found.folder} does not fit its description: {error}") from error
        return cls(generator, found)

    def image(self, photograph: NDArray[np.uint8], look: Look | None = None) -> NDArray[np.uint8]:
        """Stylizes one picture.

        Sides the network does not work on are extended by symmetric reflection at the bottom and
        right, and cut back afterwards.

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
        _require_picture(photograph)
        if look is not None:
            return look.apply(self.image, photograph)
        height, width = photograph.shape[:2]
        bottom, right = padding(height, width)
        # NumPy reflects as often as it takes, so that a single pixel fills a whole picture.
        extended = np.pad(photograph, ((0, bottom), (0, right), (0, 0)), mode="symmetric")
        stylized = self._run(extended[np.newaxis].astype(np.float32) / 127.5 - 1)[0]
        values = (stylized[:height, :width] + 1) * 127.5  # [-1, 1] -> [0, 255]
        result: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return result

    def file(
        self,
        source: Path,
        target: Path,
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
        source: Path,
        target: Path,
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
            temporal: whether the last statistics are held steady and results are carried along
                with the motion, against flicker.
            progress: is called with the frames done and expected.

        Returns:
            What came out, and whether Ctrl-C ended it early.

        Raises:
            AdaptiveStyleError: as `stylize_video`.
        """
        frames = SteadyStylizer.load(self.style).image if temporal else self.image
        stylize = (look or Look()).of(frames)
        return stylize_video(source, target, stylize, options=options, progress=progress)

    def _run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            return np.asarray(
                keras.ops.convert_to_numpy(self._generator(batch, training=False)), np.float32
            )
        except Exception as error:
            if is_out_of_memory(error):
                _, height, width, _ = batch.shape
                raise DeviceMemoryError(
                    f"{width} x {height} pixels are too many for this machine's memory; "
                    "scale the picture down first."
                ) from error
            raise


def _require_picture(photograph: NDArray[np.uint8]) -> None:
    if photograph.dtype != np.uint8 or photograph.ndim != 3 or photograph.shape[2] != 3:
        raise ValueError(
            "A photograph is uint8 of shape [H, W, 3]. "
            f"Received: dtype={photograph.dtype}, shape={photograph.shape}"
        )
