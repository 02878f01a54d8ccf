"""A trained style, ready for pictures in memory."""

from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import DeviceMemoryError, StyleError
from adaptive_style_tf.inference.sizes import padding
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

    def image(self, photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stylizes one picture.

        Sides the network does not work on are extended by symmetric reflection at the bottom and
        right, and cut back afterwards.

        Args:
            photograph: sRGB, [H, W, 3], 0 to 255; any size from 1 x 1.

        Returns:
            The stylized picture, [H, W, 3], 0 to 255.

        Raises:
            ValueError: the array is no picture.
            DeviceMemoryError: the picture is too large for the memory of this machine.
        """
        _require_picture(photograph)
        height, width = photograph.shape[:2]
        bottom, right = padding(height, width)
        # NumPy reflects as often as it takes, so that a single pixel fills a whole picture.
        extended = np.pad(photograph, ((0, bottom), (0, right), (0, 0)), mode="symmetric")
        stylized = self._run(extended[np.newaxis].astype(np.float32) / 127.5 - 1)[0]
        values = (stylized[:height, :width] + 1) * 127.5  # [-1, 1] -> [0, 255]
        result: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return result

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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a backend says that memory ran out, each in its own class of error."""
    return isinstance(error, MemoryError) or any(
        sign in str(error) or sign in type(error).__name__
        for sign in ("RESOURCE_EXHAUSTED", "ResourceExhausted", "out of memory", "OOM when")
    )


def _require_picture(photograph: NDArray[np.uint8]) -> None:
    if photograph.dtype != np.uint8 or photograph.ndim != 3 or photograph.shape[2] != 3:
        raise ValueError(
            "A photograph is uint8 of shape [H, W, 3]. "
            f"Received: dtype={photograph.dtype}, shape={photograph.shape}"
        )
