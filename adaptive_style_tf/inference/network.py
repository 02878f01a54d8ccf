"""A style's network, and a picture of any size through it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import DeviceMemoryError
from adaptive_style_tf.images.grain import grain
from adaptive_style_tf.inference.out_of_memory import is_out_of_memory
from adaptive_style_tf.inference.sizes import padding
from adaptive_style_tf.models import Generator, InstanceNormalization, assign_weights
from adaptive_style_tf.styles import Style


def loaded_generator(
    style: Style, normalization: type[InstanceNormalization] = InstanceNormalization
) -> Any:
    """The generator of a style, with its weights.

    Args:
        style: where the weights are.
        normalization: the class of its normalizations, with the usual weights.

    Raises:
        StyleError: the style is damaged.
    """
    generator = Generator(ngf=style.description.ngf, normalization=normalization, name="generator")
    generator.build((None, None, None, 3))
    assign_weights(generator, style.generator_weights())
    return generator


def require_picture(photograph: NDArray[np.uint8]) -> None:
    """Raises a ValueError unless this is sRGB, uint8 [H, W, 3]."""
    if photograph.dtype != np.uint8 or photograph.ndim != 3 or photograph.shape[2] != 3:
        raise ValueError(
            "A photograph is uint8 of shape [H, W, 3]. "
            f"Received: dtype={photograph.dtype}, shape={photograph.shape}"
        )


def stylized_levels(
    generator: Any,
    photograph: NDArray[np.uint8],
    grain_levels: float = 0.0,
    carried: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
) -> NDArray[np.float32]:
    """What a network makes of one picture, before it is rounded.

    It is extended by symmetric reflection, and cut back afterwards: by a margin all around, so that
    nothing of the frame shows, and further at the bottom and right to sides the network works on.

    Args:
        generator: from [1, H, W, 3] in [-1, 1] to the same.
        photograph: sRGB, [H, W, 3], 0 to 255; any size from 1 x 1.
        grain_levels: of the grain that the network is used to, see `StyleDescription`.
        carried: gives the grain inside the frame, [H, W, 3], another look; None leaves it.

    Returns:
        [H, W, 3], about 0 to 255.

    Raises:
        DeviceMemoryError: the picture is too large for the memory of this machine.
    """
    height, width = photograph.shape[:2]
    rows, columns = padding(height, width)
    frame = slice(rows[0], rows[0] + height), slice(columns[0], columns[0] + width)
    try:
        # NumPy reflects as often as it takes, so that a single pixel fills a whole picture.
        extended = np.pad(photograph, (rows, columns, (0, 0)), mode="symmetric")
        batch = extended[np.newaxis].astype(np.float32) / 127.5 - 1  # [0, 255] -> [-1, 1]
        if grain_levels:
            field = grain(*extended.shape[:2])
            if carried is not None:
                field[frame] = carried(field[frame])
            batch += np.float32(grain_levels / 127.5) * field
        stylized = keras.ops.convert_to_numpy(generator(batch, training=False))[0]
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceMemoryError(
            f"{width} x {height} pixels are too many for this machine's memory; let the network "
            "see a smaller picture (--image-size)."
        ) from error
    return (np.asarray(stylized[frame], np.float32) + 1) * 127.5  # [-1, 1] -> [0, 255]
